"""Library: where dataframe plans run, in this process or on a Ray cluster. Knows no stage."""
