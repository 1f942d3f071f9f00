"""The jobs there are: functions that the worker runs by name.

A job takes an id, looks at the state under a lock, does the next thing that is due, and is safe to run twice
or late. It opens its own transactions. Each app registers its jobs in its ``tasks.py``, read at start.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])

_jobs: dict[str, Callable[..., Any]] = {}
_hourly: list[str] = []


def job(name: str, *, every_hour: bool = False) -> Callable[[Function], Function]:
    """Register the decorated function as the job called ``name`` (``governance.settle_proposal``).

    ``every_hour``: it is queued by itself about once an hour, without arguments, and finds what there is to do.
    """

    def decorate(function: Function) -> Function:
        if name in _jobs:
            raise ValueError(f"The job “{name}” is registered twice.")
        _jobs[name] = function
        if every_hour:
            _hourly.append(name)
        return function

    return decorate


def function_of(name: str) -> Callable[..., Any]:
    """Return the function of the job called ``name``; KeyError if there is none."""
    return _jobs[name]


def hourly() -> list[str]:
    """Return the names of the jobs that are queued every hour."""
    return sorted(_hourly)


def is_known(name: str) -> bool:
    """Tell whether there is a job called ``name``."""
    return name in _jobs
