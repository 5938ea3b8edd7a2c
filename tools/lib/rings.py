# SPDX-License-Identifier: BSD-3-Clause
"""The rings of the tests: each runs its tests and yields what became of them."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from lib import building, target_tests
from lib.client import ProtocolError, RpcError
from lib.instance import DidNotBoot

SHORT_FUZZ_SECONDS, LONG_FUZZ_SECONDS = 5, 300
UNIT_SECONDS = 600
LONG_TESTS = "[long]"
# The outcome of a test case of Catch2, in its XML.
CATCH2_CASE = re.compile(r'<TestCase name="([^"]*)".*?<OverallResult success="(true|false)"', re.DOTALL)
CATCH2_FAILURE = re.compile(
    r'<Expression success="false".*?filename="([^"]*)" line="(\d+)".*?<Expanded>(.*?)</Expanded>', re.DOTALL
)


# A process that ended.
Done = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class Outcome:
    ring: str
    name: str
    passed: bool
    seconds: float = 0.0
    reason: str = ""


@dataclass(frozen=True)
class Choice:
    """What is to be run."""

    long: bool
    machines: tuple[str, ...]


# ---- check -----------------------------------------------------------------------------------------------------------


def check(_choice: Choice) -> Iterator[Outcome]:
    argv = [building.ROOT / "tools" / "check" / "all", building.BUILD]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    findings: list[str] = []
    verdicts: list[tuple[str, bool, list[str]]] = []
    for line in done.stdout.splitlines():
        match = re.match(r"(ok|FAILED) +(\S+)$", line)
        if match:
            findings = []
            verdicts.append((match.group(2), match.group(1) == "ok", findings))
        else:
            findings.append(line)
    for name, passed, lines in verdicts:
        yield Outcome("check", name, passed, reason="\n".join(lines[:20]))
    if not verdicts:
        yield Outcome("check", "all", False, reason=done.stderr)


# ---- unit ------------------------------------------------------------------------------------------------------------


def unit(choice: Choice) -> Iterator[Outcome]:
    tests = [test for test in registered_tests() if any(suite.endswith("unit") for suite in test["suite"])]
    if choice.long:
        tests += [{**test, "cmd": [*test["cmd"], LONG_TESTS]} for test in tests if has_long_tests(test)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for outcomes in pool.map(run_unit_program, tests):
            yield from outcomes


def has_long_tests(test: dict) -> bool:
    """Whether the program has hidden tests that only the long form runs."""
    argv = [*test["cmd"], "--list-test-names-only", LONG_TESTS]
    return bool(run_limited(argv, UNIT_SECONDS, {**os.environ, **test["env"]}, test.get("workdir")).stdout.strip())


def registered_tests() -> list[dict]:
    return json.loads((building.BUILD / "meson-info" / "intro-tests.json").read_text())


def run_unit_program(test: dict) -> list[Outcome]:
    program = test["name"]
    begun = time.monotonic()
    environment = {**os.environ, **test["env"]}
    done = run_limited([*test["cmd"], "--reporter", "xml"], UNIT_SECONDS, environment, test.get("workdir"))
    seconds = time.monotonic() - begun
    cases = [(name, verdict == "true") for name, verdict in CATCH2_CASE.findall(done.stdout)]
    outcomes = []
    for name, passed in cases:
        reason = "" if passed else failure(done.stdout, name)
        outcomes.append(Outcome("unit", f"{program}: {unescape(name)}", passed, seconds / len(cases), reason))
    if done.returncode != 0 and all(outcome.passed for outcome in outcomes):
        words = (done.stderr or done.stdout)[-3000:]
        outcomes.append(Outcome("unit", f"{program}: ended with {done.returncode}", False, seconds, words))
    if not outcomes:
        outcomes.append(Outcome("unit", f"{program}: has no test cases", False, seconds, done.stderr[-1000:]))
    return outcomes


def failure(xml: str, name: str) -> str:
    """The failed expressions of one test case."""
    start = xml.find(f'<TestCase name="{name}"')
    part = xml[start : xml.find("</TestCase>", start)]
    found = CATCH2_FAILURE.findall(part)
    texts = [f"{Path(file).name}:{line}: {unescape(expanded).strip()}" for file, line, expanded in found]
    return "\n".join(texts) or unescape(re.sub(r"<[^>]*>", " ", part)).strip()[-1500:]


def run_limited(argv: list, seconds: float, environment: dict, folder: str | None = None) -> Done:
    how = {"capture_output": True, "text": True, "errors": "replace", "check": False}
    try:
        return subprocess.run(argv, timeout=seconds, env=environment, cwd=folder, **how)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(argv, -1, "", f"did not end within {seconds:.0f} s")


# ---- fuzz ------------------------------------------------------------------------------------------------------------


def fuzz(choice: Choice) -> Iterator[Outcome]:
    """Every fuzzer of the build, fuzz-NAME, for a while, from tests/fuzz/corpus/NAME and the build's NAME.seeds."""
    seconds = LONG_FUZZ_SECONDS if choice.long else SHORT_FUZZ_SECONDS
    fuzzers = sorted(path for path in (building.BUILD / "tests" / "fuzz").glob("fuzz-*") if path.is_file())
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(lambda fuzzer: run_fuzzer(fuzzer, seconds), fuzzers)


def run_fuzzer(fuzzer: Path, seconds: int) -> Outcome:
    name = fuzzer.name.removeprefix("fuzz-")
    folders = [building.ROOT / "tests" / "fuzz" / "corpus" / name, fuzzer.with_name(f"{name}.seeds")]
    kept = [folder for folder in folders if folder.is_dir()]
    begun = time.monotonic()
    # What it finds worth keeping goes into the first folder, which is thrown away.
    with tempfile.TemporaryDirectory(prefix="tessera-fuzz-") as scratch:
        found = Path(scratch, "found")
        found.mkdir()
        limits = [f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=1024"]
        argv = [fuzzer, *limits, f"-artifact_prefix={scratch}/"]
        done = run_limited([*argv, found, *kept], seconds + 120, dict(os.environ))
    passed = done.returncode == 0
    return Outcome("fuzz", name, passed, time.monotonic() - begun, "" if passed else done.stderr[-3000:])


# ---- target ----------------------------------------------------------------------------------------------------------


def on_each_machine(choice: Choice, run: Callable[[str], list[Outcome]]) -> Iterator[Outcome]:
    """Side by side: each waits for its machine most of the time."""
    with ThreadPoolExecutor(len(choice.machines)) as pool:
        for outcomes in pool.map(run, choice.machines):
            yield from outcomes


def target(choice: Choice) -> Iterator[Outcome]:
    return on_each_machine(choice, run_target_tests)


def run_target_tests(machine: str) -> list[Outcome]:
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tessera-target-") as scratch:
        try:
            results = target_tests.run(machine, Path(scratch))
        except (DidNotBoot, building.Failed, OSError, ProtocolError, RpcError) as error:
            results = [target_tests.Result("boot", False, str(error))]
    each = (time.monotonic() - begun) / len(results)
    return [Outcome("target", f"{machine}: {result.name}", result.passed, each, result.reason) for result in results]


# ---- system ----------------------------------------------------------------------------------------------------------


def system(choice: Choice) -> Iterator[Outcome]:
    return on_each_machine(choice, lambda machine: run_system_tests(machine, choice.long))


def run_system_tests(machine: str, long: bool) -> list[Outcome]:
    """The runner prints as it goes; its records are read at the end."""
    with tempfile.TemporaryDirectory(prefix="tessera-results-") as scratch:
        results = Path(scratch, "results.json")
        runner = str(building.ROOT / "tests" / "system" / "run.py")
        argv = [sys.executable, "-B", runner, "--on", machine, "--json", str(results)]
        status = subprocess.run([*argv, *(["--long"] if long else [])], check=False).returncode
        records = json.loads(results.read_text()) if results.exists() else []
    outcomes = [
        Outcome("system", f"{machine}: {each['name']}", each["outcome"] == "passed", each["seconds"], each["reason"])
        for each in records
    ]
    if status != 0 and all(outcome.passed for outcome in outcomes):
        outcomes.append(Outcome("system", f"{machine}: the runner", False, reason=f"exit status {status}"))
    return outcomes


RINGS = {"check": check, "unit": unit, "fuzz": fuzz, "target": target, "system": system}
# These have printed their outcomes themselves.
TALKATIVE = {"system"}
