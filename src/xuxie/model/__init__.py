"""Library: builds, saves and loads transformers model directories."""
