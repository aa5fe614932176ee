"""Equal and near-equal documents: sketches, candidates, and which of them stays. Pure but for
scratch files."""
