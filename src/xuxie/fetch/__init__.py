"""Stage: brings pinned packages and pretrained models into the project, checked by hash."""
