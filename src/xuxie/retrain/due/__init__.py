"""Is a retraining due: what is new, and how the champion does on it."""
