"""A challenger: its checkout, its data, its training, and which of two ways it takes."""
