"""Retraining at set times on one machine, and files for those who have a scheduler already."""
