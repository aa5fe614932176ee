"""Stage: divides groups of documents into train, val and test, the same way for ever."""
