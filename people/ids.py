"""Identifiers: random, short enough to read aloud, and without vowels so that they spell nothing."""

import hashlib
import secrets

ALPHABET = "23456789bcdfghjkmnpqrstvwxyz"
LENGTH = 10


def new_id() -> str:
    """Return a new random identifier of ten characters (48 bits)."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def derived_id(*parts: str) -> str:
    """Return the identifier that belongs to ``parts``: the same parts always give the same one.

    Rows that appear by themselves (the constitutional roles of a new circle) are named this way, so that
    a preview and the adoption that follows speak of the same rows, and a revived circle gets its own back.
    """
    number = int.from_bytes(hashlib.sha256("/".join(parts).encode()).digest())
    characters = []
    for _ in range(LENGTH):
        number, remainder = divmod(number, len(ALPHABET))
        characters.append(ALPHABET[remainder])
    return "".join(characters)


def is_id(value: object) -> bool:
    """Tell whether ``value`` has the form of an identifier."""
    return isinstance(value, str) and len(value) == LENGTH and all(c in ALPHABET for c in value)
