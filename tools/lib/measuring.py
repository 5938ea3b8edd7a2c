# SPDX-License-Identifier: BSD-3-Clause
"""Boots the benchmark programs and collects their figures."""

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from lib import building, ports
from lib.client import Client
from lib.instance import DidNotBoot, Instance
from machines.options import Options, Pace

COMMAND_LINE = f"{building.COMMAND_LINE} start=bench_echo,bench"
BOOT_SECONDS = 300
MEASURE_SECONDS = 900
LINE = re.compile(r"BENCH (\{.*?\})\s*$", re.MULTILINE)
DONE = r"BENCH DONE"
REQUESTS = 50


@dataclass(frozen=True)
class Figure:
    unit: str
    min: int
    median: int
    count: int


Figures = dict[str, Figure]


def measure(machine: str, kernel: Path, archive: Path, directory: Path) -> Figures:
    iso = building.make_iso(directory / "bench.iso", COMMAND_LINE, kernel, archive)
    options = Options(iso=iso, directory=directory / "instance", port=ports.free_port(), pace=Pace.EXACT)
    with Instance(machine, options) as instance:
        with instance.wait_until_ready(BOOT_SECONDS) as client:
            figures = boot_figures(client)
        if not instance.wait_for_serial(DONE, MEASURE_SECONDS):
            raise DidNotBoot(f"the benchmark programs did not end\n{instance.last_words()}")
        figures |= figures_in(instance.serial_text())
        with instance.connect() as client:
            figures |= request_figures(client)
    return figures


def figures_in(text: str) -> Figures:
    """What the benchmark programs printed on the serial port."""
    found = {}
    for line in LINE.findall(text):
        values = json.loads(line)
        found[values["name"]] = Figure(values["unit"], values["min"], values["median"], values["count"])
    return found


def boot_figures(client: Client) -> Figures:
    uptime = client.call("system.uptime")
    listening, answered = int(uptime["boot_to_listening"]), int(uptime["timestamp_counter"])
    return {"boot.to_listening": single("ticks", listening), "boot.to_first_reply": single("ticks", answered)}


def single(unit: str, value: int) -> Figure:
    return Figure(unit, value, value, 1)


def request_figures(client: Client) -> Figures:
    """Instructions of the whole system for one request: those of all processes but the idle one, over many requests,
    less what it costs to ask for them."""
    asking = processor_time_of(client, lambda: None)
    figures = {}
    for name, method in (("json.ping", "system.ping"), ("json.vm_stats", "vm.stats")):
        samples = sorted(cost_of(client, method, asking) for _ in range(5))
        figures[name] = Figure("instructions", samples[0], samples[len(samples) // 2], len(samples) * REQUESTS)
    return figures


def cost_of(client: Client, method: str, asking: int) -> int:
    def requests() -> None:
        for _ in range(REQUESTS):
            client.call(method)

    return max(0, processor_time_of(client, requests) - asking) // REQUESTS


def processor_time_of(client: Client, work: Callable[[], None]) -> int:
    before = busy_time(client)
    work()
    return busy_time(client) - before


def busy_time(client: Client) -> int:
    processes = client.items("process.list", fields=["name", "processor_time"])
    return sum(int(each["processor_time"]) for each in processes if each["name"] != "idle")


def to_json(figures: Figures, machine: str, commit: str) -> str:
    whole = {"figures": {name: asdict(figure) for name, figure in sorted(figures.items())}}
    return json.dumps({**whole, "machine": machine, "commit": commit}, indent=2) + "\n"


def from_json(text: str) -> Figures:
    return {name: Figure(**values) for name, values in json.loads(text)["figures"].items()}
