"""What follows from governance: run by the worker, safe to run twice or late."""

from governance.tasks import breakdown, elections, proposals, strikes

__all__ = ["breakdown", "elections", "proposals", "strikes"]
