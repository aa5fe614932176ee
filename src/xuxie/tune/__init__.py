"""Application: searches settings of model and train for the best bits per character."""
