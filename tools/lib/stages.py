# SPDX-License-Identifier: BSD-3-Clause
"""Says what is being done while it takes long, and how long it took."""

import contextlib
import sys
import time
from collections.abc import Iterator


class Stages:
    def __init__(self) -> None:
        self._taken: list[tuple[str, float]] = []

    @contextlib.contextmanager
    def stage(self, title: str) -> Iterator[None]:
        print(f"== {title} ...", file=sys.stderr, flush=True)
        begun = time.monotonic()
        yield
        self._taken.append((title, time.monotonic() - begun))
        print(f"== {title}: {self._taken[-1][1]:.1f} s", file=sys.stderr, flush=True)

    def table(self) -> str:
        rows = [*self._taken, ("total", sum(seconds for _, seconds in self._taken))]
        width = max(len(title) for title, _ in rows)
        return "\n".join(f"  {title:<{width}}  {seconds:7.1f} s" for title, seconds in rows)
