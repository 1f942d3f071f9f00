"""What follows from announcements."""
