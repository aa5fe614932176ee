"""Application: which of several models is better, by how much, how sure that is, and on what."""
