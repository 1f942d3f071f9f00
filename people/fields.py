"""Fields that keep live code out of migrations: what they default to and check is not the database's business."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import models

from people.ids import LENGTH, new_id

if TYPE_CHECKING:
    Set = TypeVar("Set")
    Get = TypeVar("Get")

    # To the type checker they are what they are to the database
    class PlainCharField(models.CharField[Set, Get]): ...

    class IdField(models.CharField[Set, Get]): ...

else:

    class PlainCharField(models.CharField):
        """A CharField whose validators and default stand in the model alone."""

        def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
            """Return the field as migrations write it: as a bare CharField."""
            name, _path, args, kwargs = super().deconstruct()
            kwargs.pop("validators", None)
            if callable(kwargs.get("default")):
                del kwargs["default"]
            return name, "django.db.models.CharField", args, kwargs

    class IdField(PlainCharField):
        """The identifier of a row: its primary key, its public address and its name in the record."""

        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**{"max_length": LENGTH, "default": new_id, "editable": False} | kwargs)
