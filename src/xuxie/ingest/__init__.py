"""Stage: reads raw files into document records."""
