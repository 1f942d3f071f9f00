"""The rules of governance, one small function each: each yields the refusals it finds, with the clause."""
