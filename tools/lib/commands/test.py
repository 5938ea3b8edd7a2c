# SPDX-License-Identifier: BSD-3-Clause
"""tools/test: runs every ring of the tests. Usage: tools/test --help."""

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

from lib import building
from lib.instance import MACHINES
from lib.rings import RINGS, TALKATIVE, Choice, Outcome
from lib.stages import Stages


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(add_help=False, usage="tools/test --help", allow_abbrev=False)
    parser.add_argument("--only", action="append", choices=list(RINGS), default=[])
    parser.add_argument("--on", action="append", choices=MACHINES, default=[])
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def run_ring(name: str, choice: Choice) -> list[Outcome]:
    outcomes = []
    for outcome in RINGS[name](choice):
        outcomes.append(outcome)
        if not outcome.passed and name not in TALKATIVE:
            print(f"FAILED  {name}: {outcome.name}")
            print("        " + outcome.reason.replace("\n", "\n        "), flush=True)
    failed = sum(not outcome.passed for outcome in outcomes)
    print(f"-- {name}: {len(outcomes) - failed} passed, {failed} failed --", flush=True)
    return outcomes


def prepare(stages: Stages) -> Outcome:
    """To build everything is a test too: one that may be the only one that fails."""
    begun = time.monotonic()
    try:
        building.set_up(stages)
        building.configure(stages)
        building.build(stages, [])
        print(building.sizes(), flush=True)
    except building.Failed as error:
        print(f"FAILED  build: {error}", flush=True)
        return Outcome("build", "everything", False, time.monotonic() - begun, str(error))
    return Outcome("build", "everything", True, time.monotonic() - begun)


def main() -> int:
    arguments = parse()
    choice = Choice(long=arguments.long, machines=tuple(arguments.on or MACHINES))
    stages = Stages()
    outcomes = [prepare(stages)]
    if outcomes[0].passed:
        for name in arguments.only or RINGS:
            with stages.stage(name):
                outcomes += run_ring(name, choice)
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(outcome) for outcome in outcomes], indent=1) + "\n")
    failed = [outcome for outcome in outcomes if not outcome.passed]
    print(f"\ntime taken:\n{stages.table()}")
    for outcome in failed:
        print(f"FAILED  {outcome.ring}: {outcome.name}")
    print(f"{len(outcomes) - len(failed)} passed, {len(failed)} failed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
