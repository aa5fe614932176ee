"""Stage: trains a causal language model with Lightning."""
