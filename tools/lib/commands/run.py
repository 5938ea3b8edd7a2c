# SPDX-License-Identifier: BSD-3-Clause
"""tools/run: builds Tessera, boots it and shows the live system. Usage: tools/run --help."""

import argparse
import datetime
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import NoReturn

from lib import building, ports, process, state
from lib.instance import MACHINES, DidNotBoot, Instance
from lib.stages import Stages
from machines.options import MINIMUM_MEMORY_MIB, CannotDo, Firmware, OnReboot, Options

RUN_FOLDER = building.BUILD / "run"
BOOT_SECONDS = 180
MAXIMUM_MEMORY_MIB = 2048
UEFI_MINIMUM_MEMORY_MIB = 128
VIEWS = (["call", "system.info"], ["vm"], ["ds"], ["ps"])


class UsageError(Exception):
    pass


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message)


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = Parser(add_help=False, allow_abbrev=False)
    parser.add_argument("--on", choices=MACHINES, default="bochs")
    parser.add_argument("--port", type=int)
    parser.add_argument("--memory", type=int, default=MINIMUM_MEMORY_MIB)
    parser.add_argument("--for", type=float, dest="seconds")
    parser.add_argument("--detach", action="store_true")
    parser.add_argument("--stop", action="store_true")
    parser.add_argument("--firmware", choices=[each.value for each in Firmware], default="bios")
    parser.add_argument("--iso", type=Path)
    return parser.parse_args(arguments)


def check(arguments: argparse.Namespace) -> None:
    """Refuses what cannot work before anything is built or booted."""
    if arguments.port is not None and not 1 <= arguments.port <= 65535:
        raise UsageError(f"--port {arguments.port}: a TCP port is 1 to 65535")
    if arguments.seconds is not None and arguments.seconds < 0:
        raise UsageError("--for: a time cannot be negative")
    if arguments.detach and arguments.seconds is not None:
        raise UsageError("--detach and --for exclude each other: end a detached system with --stop")
    if arguments.firmware == "uefi" and arguments.on == "bochs":
        raise UsageError("Bochs has no UEFI firmware: add --on qemu")
    least = UEFI_MINIMUM_MEMORY_MIB if arguments.firmware == "uefi" else MINIMUM_MEMORY_MIB
    if not least <= arguments.memory <= MAXIMUM_MEMORY_MIB:
        most = f"{MAXIMUM_MEMORY_MIB} MiB is the most"
        raise UsageError(f"--memory {arguments.memory}: Tessera needs {least} MiB; {most}")
    if arguments.iso is not None and not arguments.iso.is_file():
        raise UsageError(f"--iso {arguments.iso}: there is no such file")


def check_port(port: int) -> None:
    for running in state.read_all(RUN_FOLDER):
        if running.port == port:
            raise building.Failed(
                f"port {port} is in use: Tessera runs on it already (pid {running.pid}). "
                f"End it with tools/run --stop --port {port}, or take another port: tools/run --port {port + 1}"
            )
    if not ports.is_free(port):
        raise building.Failed(f"port {port} of 127.0.0.1 is in use. Take another: tools/run --port {port + 1}")


def stop(port: int | None) -> int:
    found = [running for running in state.read_all(RUN_FOLDER) if port in (None, running.port)]
    for running in found:
        state.stop(RUN_FOLDER, running)
        print(f"ended: {running.machine} on port {running.port} (pid {running.pid})")
    if not found:
        print(f"nothing to stop: no detached system{'' if port is None else f' on port {port}'}")
    return 0


def make_image(stages: Stages, given: Path | None) -> Path:
    building.set_up(stages)
    building.configure(stages)
    if given is None:
        building.build(stages, [*building.IMAGE_TARGETS, *building.CLI_TARGETS])
        print(building.sizes(), file=sys.stderr)
        return building.ISO
    building.build(stages, building.CLI_TARGETS)
    return given


def show(port: int) -> None:
    tess = str(building.ROOT / "tools" / "tess")
    for view in VIEWS:
        print(f"\n$ tools/tess --port {port} {' '.join(view)}", flush=True)
        building.run([tess, "--port", str(port), *view], "The system booted, but did not answer as it should.")


def remember(instance: Instance) -> None:
    started = process.start_time(instance.pid)
    if started is None:
        raise DidNotBoot(f"{instance.machine} did not start\n{instance.last_words()}")
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    directory = str(instance.directory)
    running = state.Running(instance.pid, instance.port, instance.machine, now, directory, started)
    state.write(RUN_FOLDER, running)


def forget(instance: Instance) -> None:
    state.state_file(RUN_FOLDER, instance.port).unlink(missing_ok=True)


def boot(stages: Stages, arguments: argparse.Namespace, image: Path, port: int) -> Instance:
    options = Options(
        iso=image,
        directory=RUN_FOLDER / str(port),
        port=port,
        memory_mib=arguments.memory,
        firmware=Firmware(arguments.firmware),
        on_reboot=OnReboot.RESET,
    )
    check_port(port)  # again: the build took its time
    instance = Instance(arguments.on, options, outlives_us=arguments.detach)
    try:
        remember(instance)
        with stages.stage(f"boot on {arguments.on} to first JSON reply"):
            instance.wait_until_ready(BOOT_SECONDS).close()
        return instance
    except BaseException:
        instance.end()
        forget(instance)
        raise


def keep_running(instance: Instance, seconds: float | None) -> None:
    until = "interrupted (Ctrl-C)" if seconds is None else f"{seconds:g} s from now"
    print(f"\nTessera runs on {instance.machine}, port {instance.port}, until {until}.")
    print(f"Look around from another terminal: tools/tess --port {instance.port} --help", flush=True)
    deadline = None if seconds is None else time.monotonic() + seconds
    while deadline is None or time.monotonic() < deadline:
        if instance.wait_for_end(0.2):
            raise building.Failed(f"the machine ended by itself\n{instance.last_words()}")


def run(arguments: argparse.Namespace) -> int:
    port = arguments.port or 7420
    check_port(port)
    stages = Stages()
    image = make_image(stages, arguments.iso)
    instance = boot(stages, arguments, image, port)
    left_running = False
    try:
        with stages.stage("look"):
            show(port)
        print(f"\ntime taken:\n{stages.table()}", flush=True)
        if arguments.detach:
            left_running = True
            print(f"\nTessera runs on {instance.machine}, port {port}, pid {instance.pid}.")
            print(f"Look around: tools/tess --port {port} --help. End it: tools/run --stop --port {port}")
            return 0
        try:
            keep_running(instance, arguments.seconds)
        except KeyboardInterrupt:
            print("\ninterrupted: ending the machine", file=sys.stderr)
        return 0
    finally:
        if not left_running:
            instance.end()
            forget(instance)


def interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, interrupt)
    try:
        arguments = parse(sys.argv[1:])
        check(arguments)
        return stop(arguments.port) if arguments.stop else run(arguments)
    except UsageError as error:
        print(f"run: {error}\nSee tools/run --help.", file=sys.stderr)
        return 2
    except (building.Failed, DidNotBoot, CannotDo) as error:
        print(f"run: error: {error}", file=sys.stderr)
        return 1
    except FileNotFoundError as error:
        print(f"run: error: {error.filename} is missing. Run tools/setup.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("run: interrupted", file=sys.stderr)
        return 130
    except subprocess.SubprocessError as error:
        print(f"run: error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
