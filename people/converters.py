"""Parts of addresses that name something by its identifier. What has not their form is no address at all."""

from __future__ import annotations

from django.urls.converters import StringConverter

from people.ids import ALPHABET, LENGTH

IDENTIFIER = f"[{ALPHABET}]{{{LENGTH}}}"


class IdConverter(StringConverter):
    """An identifier, such as ``7hq2k9xdmp``."""

    regex = IDENTIFIER


class RefConverter(StringConverter):
    """A readable name and an identifier, such as ``customer-love-7hq2k9xdmp``; the identifier alone counts."""

    regex = rf"(?:[-a-zA-Z0-9_]*-)?{IDENTIFIER}"
