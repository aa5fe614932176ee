"""Library: runs and registered models. The only room that imports mlflow."""
