"""How a figure is taken and how it is told."""

from __future__ import annotations

import gc
import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One measured figure. ``floor`` is what the least possible would take; ``goal`` the most the ratio (or,
    without a floor, the value) should be."""

    name: str
    value: float
    unit: str
    floor: float | None = None
    goal: float | None = None

    @property
    def ratio(self) -> float | None:
        return self.value / self.floor if self.floor else None

    @property
    def kept(self) -> bool:
        measured = self.ratio if self.floor else self.value
        return self.goal is None or measured is None or measured <= self.goal

    def line(self) -> str:
        """Return the figure as one printed line."""
        text = f"{self.name:<64} {self.value:9.2f} {self.unit}"
        if self.ratio is not None and self.floor is not None:
            text += f"   floor {self.floor:8.2f}   ratio {self.ratio:6.2f}"
        if self.goal is not None:
            text += f"   goal {self.goal:g} {'kept' if self.kept else 'MISSED'}"
        return text


def milliseconds(act: Callable[[], object], *, times: int = 15, warm_up: int = 2) -> float:
    """Return the median wall time of ``act`` in milliseconds over ``times`` runs after ``warm_up`` more."""
    return milliseconds_in_turn([act], times=times, warm_up=warm_up)[0]


def milliseconds_in_turn(
    acts: Sequence[Callable[[], object]], *, times: int = 15, warm_up: int = 2
) -> list[float]:
    """Return the median wall time of each act in milliseconds. They take turns, so that whatever else the machine
    does meanwhile slows all of them alike."""
    for act in acts:
        for _ in range(warm_up):
            act()
    taken: list[list[float]] = [[] for _ in acts]
    gc.collect()
    for _ in range(times):
        for act, times_taken in zip(acts, taken, strict=True):
            start = time.perf_counter()
            act()
            times_taken.append((time.perf_counter() - start) * 1000)
    return [statistics.median(times_taken) for times_taken in taken]


def save(figures: list[Figure], path: Path) -> None:
    """Write all figures to ``path`` as a JSON list."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [{**asdict(f), "ratio": f.ratio, "kept": f.kept} for f in figures]
    path.write_text(json.dumps(rows, indent=1) + "\n")
