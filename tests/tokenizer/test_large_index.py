"""Tokens are read through the page cache: the size of a corpus costs no memory."""

import resource
import time
from pathlib import Path

import numpy as np
import pytest

from xuxie.tokenizer.tokens import open_tokens
from xuxie.train.windows import ValidationWindows

TOKENS = 10_000_000_000
DOCUMENTS = 10_000


@pytest.fixture
def corpus_folder(tmp_path: Path) -> Path:
    """Ten billion tokens, all zero, in a sparse file that takes no room on the disk."""
    header = {"descr": "<u2", "fortran_order": False, "shape": (TOKENS,)}
    with (tmp_path / "train.tokens.npy").open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        file.truncate(file.tell() + 2 * TOKENS)
    places = {
        "starts": np.linspace(0, TOKENS, DOCUMENTS + 1).astype(np.int64),
        "order": np.arange(DOCUMENTS),
        "groups": np.arange(DOCUMENTS + 1),
        "group_sources": np.zeros(DOCUMENTS, dtype=np.int64),
        "group_arrivals": np.ones(DOCUMENTS, dtype=np.int64),
        "source_characters": np.array([2 * TOKENS]),
        "characters": np.array(2 * TOKENS),
    }
    for name, values in places.items():
        np.save(tmp_path / f"train.{name}.npy", values)
    return tmp_path


def test_ten_billion_tokens_are_opened_within_a_second_of_work(corpus_folder: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    split = open_tokens(corpus_folder, "train")
    windows = ValidationWindows(split, 1024, limit=100)
    tokens, groups = windows[len(windows) - 1]
    assert time.process_time() - began < 1
    assert len(split.tokens) == TOKENS
    assert tokens.shape == groups.shape == (1025,)
    assert groups[-1] == DOCUMENTS - 1
    # KiB: the whole would be 20 GB.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000
