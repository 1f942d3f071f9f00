"""The forms of governance, read both ways."""
