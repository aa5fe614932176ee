"""A challenger becomes champion, in git, DVC and MLflow; and the way back."""
