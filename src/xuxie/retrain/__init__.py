"""Application: trains again when new text arrives, and lets no worse model through."""
