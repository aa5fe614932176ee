"""Records, whole outputs, manifests and locks. Knows nothing of the stages."""
