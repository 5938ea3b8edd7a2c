#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs the system tests: boots machines and looks at them as a user would.

Usage: tests/system/run.py [--on bochs|qemu] [--kernel FILE] [--archive FILE] [-k PATTERN] [--long] [--seed N]
                           [--json FILE] [--list]

  --on        the machine (default: qemu)
  --kernel    the kernel (default: that of the build directory)
  --archive   the boot archive (default: that of the build directory)
  -k          only tests whose name matches the pattern, with * and ?; several times: any of them
  --long      long forms: more repetitions
  --seed      of what is random (default: chosen, and printed)
  --json      writes the results into this file
  --list      names the tests

One line a test: ok or FAILED, its time, its name. Exit code 1 when one failed.
"""

import argparse
import fnmatch
import json
import random
import sys
import tempfile
import time
import traceback
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "tools"), str(HERE)]

from lib import building  # noqa: E402
from lib.instance import MACHINES  # noqa: E402
from support.context import Context, SystemTest  # noqa: E402


def short_name(test: unittest.TestCase) -> str:
    """test_restart.Restart.test_ds -> restart.ds"""
    module, _, method = test.id().split(".")[-3:]
    return f"{module.removeprefix('test_')}.{method.removeprefix('test_')}"


class Result(unittest.TestResult):
    """Prints each test as it ends."""

    def __init__(self, machine: str) -> None:
        super().__init__()
        self.machine = machine
        self.records: list[dict[str, object]] = []
        self._begun = 0.0

    def startTest(self, test: unittest.TestCase) -> None:
        super().startTest(test)
        self._begun = time.monotonic()

    def addSuccess(self, test: unittest.TestCase) -> None:
        self.record(short_name(test), "passed")

    def addFailure(self, test: unittest.TestCase, err: tuple) -> None:
        self.record(short_name(test), "failed", self.reason(err))

    def addError(self, test: unittest.TestCase, err: tuple) -> None:
        if isinstance(test, unittest.TestCase):
            self.record(short_name(test), "failed", self.reason(err))
        else:
            self.class_error = self.reason(err)

    def addSubTest(self, test: unittest.TestCase, _: unittest.TestCase, err: tuple | None) -> None:
        if err is not None:
            self.record(short_name(test), "failed", self.reason(err))

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        raise AssertionError(f"{test.id()}: tests are left out by their class, not skipped")

    def record(self, name: str, outcome: str, reason: str = "") -> None:
        seconds = time.monotonic() - self._begun
        if any(record["name"] == name for record in self.records):
            return  # a failure and then an error of its clean-up: one test
        self.records.append({"name": name, "outcome": outcome, "seconds": round(seconds, 2), "reason": reason})
        verdict = "ok    " if outcome == "passed" else "FAILED"
        print(f"{verdict}  {seconds:7.1f} s  {self.machine:5}  {name}", flush=True)
        if reason:
            print("        " + reason.replace("\n", "\n        "), flush=True)

    @staticmethod
    def reason(err: tuple) -> str:
        kind, value, trace = err
        frames = [frame for frame in traceback.extract_tb(trace) if str(HERE) in frame.filename]
        place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}: " if frames else ""
        return f"{place}{kind.__name__}: {value}"


def run_class(tests: list[SystemTest], result: Result) -> None:
    result.class_error = ""
    unittest.TestSuite(tests).run(result)
    reported = {record["name"] for record in result.records}
    for test in tests:
        # The machine of the class did not boot: all of its tests failed.
        if short_name(test) not in reported:
            result.record(short_name(test), "failed", result.class_error or "did not run")


def classes(machine: str, patterns: list[str]) -> list[list[SystemTest]]:
    found: dict[type, list[SystemTest]] = {}

    def collect(suite: unittest.TestSuite) -> None:
        for entry in suite:
            if isinstance(entry, unittest.TestSuite):
                collect(entry)
            elif getattr(entry, "only_on", machine) == machine and wanted(short_name(entry), patterns):
                found.setdefault(type(entry), []).append(entry)

    collect(unittest.TestLoader().discover(str(HERE), pattern="test_*.py", top_level_dir=str(HERE)))
    return list(found.values())


def wanted(name: str, patterns: list[str]) -> bool:
    return not patterns or any(fnmatch.fnmatch(name, f"*{pattern}*") for pattern in patterns)


def parse() -> argparse.Namespace:
    if {"--help", "-h"} & set(sys.argv[1:]):
        print(__doc__.strip())
        sys.exit(0)
    parser = argparse.ArgumentParser(add_help=False, usage="tests/system/run.py --help")
    parser.add_argument("--on", choices=MACHINES, default="qemu")
    parser.add_argument("--kernel", type=Path, default=building.KERNEL)
    parser.add_argument("--archive", type=Path, default=building.ARCHIVE)
    parser.add_argument("-k", action="append", default=[], dest="patterns")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--list", action="store_true")
    return parser.parse_args()


def main() -> int:
    arguments = parse()
    selected = classes(arguments.on, arguments.patterns)
    if arguments.list:
        print("\n".join(short_name(test) for tests in selected for test in tests))
        return 0
    print(f"system tests on {arguments.on}, seed {arguments.seed}", flush=True)
    result = Result(arguments.on)
    with tempfile.TemporaryDirectory(prefix="tessera-") as scratch:
        SystemTest.context = Context(
            machine=arguments.on,
            kernel=arguments.kernel.resolve(),
            archive=arguments.archive.resolve(),
            scratch=Path(scratch),
            long=arguments.long,
            seed=arguments.seed,
        )
        for tests in selected:
            run_class(tests, result)
    if arguments.json:
        arguments.json.write_text(json.dumps(result.records, indent=1) + "\n")
    failed = [record for record in result.records if record["outcome"] != "passed"]
    print(f"{len(result.records) - len(failed)} of {len(result.records)} passed on {arguments.on}", flush=True)
    return 1 if failed or not result.records else 0


if __name__ == "__main__":
    sys.exit(main())
