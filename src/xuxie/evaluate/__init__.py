"""Stage: scores the model beside its baselines and draws the report."""
