# SPDX-License-Identifier: BSD-3-Clause
"""Boots the tests that run in the guest (tests/target) and reads their results over serial and over JSON."""

import re
from dataclasses import dataclass
from pathlib import Path

from lib import building, ports
from lib.client import Client
from lib.instance import Instance
from machines.options import Options

COMMAND_LINE = f"{building.COMMAND_LINE} start=target_tests"
BOOT_SECONDS = 180
TEST_SECONDS = 600
RESULT = re.compile(r"TEST (\S+) (ok|FAILED)(.*)$", re.MULTILINE)
END = r"TESTS (\d+) passed, (\d+) failed"
LOG_PAGE = 500


@dataclass(frozen=True)
class Result:
    name: str
    passed: bool
    reason: str


def run(machine: str, directory: Path, more_words: str = "") -> list[Result]:
    """`more_words` for the boot command line."""
    iso = building.make_iso(directory / "target.iso", f"{COMMAND_LINE} {more_words}".rstrip())
    options = Options(iso=iso, directory=directory / "instance", port=ports.free_port())
    with Instance(machine, options) as instance:
        with instance.wait_until_ready(BOOT_SECONDS) as client:
            end = instance.wait_for_serial(END, TEST_SECONDS)
            results = results_in(instance.serial_text())
            if end is None:
                return [*results, Result("to_the_end", False, f"the tests did not end\n{instance.last_words()}")]
            return [*results, complete(results, end), same_over_json(results, client)]


def results_in(text: str) -> list[Result]:
    return [Result(name, verdict == "ok", reason.strip()) for name, verdict, reason in RESULT.findall(text)]


def complete(results: list[Result], end: re.Match[str]) -> Result:
    """No line was lost on the way."""
    counted = (sum(each.passed for each in results), sum(not each.passed for each in results))
    said = (int(end.group(1)), int(end.group(2)))
    return Result("to_the_end", counted == said and sum(said) > 0, f"read {counted}, the guest counted {said}")


def same_over_json(results: list[Result], client: Client) -> Result:
    """The log keeps the last lines only: at the highest level of VM's checks its own push the first results out."""
    entries = client.items("log.read", limit=LOG_PAGE)
    told = results_in("\n".join(entry["text"] for entry in entries))
    kept = results[len(results) - len(told) :] if int(entries[0]["sequence"]) > 1 else results
    difference = f"{len(told)} results in log.read, {len(results)} on the serial port"
    return Result("same_over_json", told == kept and len(told) > 0, difference)
