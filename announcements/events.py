"""What announcements write into the journal."""
