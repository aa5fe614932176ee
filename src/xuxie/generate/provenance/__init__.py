"""Which stretches of a text stand verbatim in training text, and where they come from."""
