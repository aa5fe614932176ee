"""Where models compute."""

import torch


def best_device() -> torch.device:
    """The GPU if torch sees one, else the processor."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
