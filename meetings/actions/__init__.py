"""What can happen in a meeting. Every act locks the meeting's row, then whatever else it needs."""
