"""Stage: normalises Chinese text and removes documents, each with its reason."""
