"""What became of all retrainings: rows, a page, where it stands now."""
