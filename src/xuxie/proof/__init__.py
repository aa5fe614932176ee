"""Application: whether what is kept is whole, and whether a run can be made again to the byte."""
