"""The baseline of a general compressor: xz that has read the training text before."""

import lzma
from collections.abc import Hashable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)

# A dictionary as large as the text, up to what xz allows; level 6 is xz's own default.
LARGEST_DICTIONARY = 3 << 29


def bits(train: list[str], texts: Mapping[Key, list[str]]) -> dict[Key, float]:
    """For each named list of documents: the bits that xz adds for them after `train`.

    lzma gives up Python's lock while it works, so that two texts are compressed at once.
    """
    before = joined(train)
    with ThreadPoolExecutor() as pool:
        base = pool.submit(compressed_bytes, before)
        sizes = {
            name: pool.submit(compressed_bytes, before + joined(t)) for name, t in texts.items()
        }
        return {name: (size.result() - base.result()) * 8 for name, size in sizes.items()}


def joined(documents: list[str]) -> bytes:
    return "".join(f"{document}\n" for document in documents).encode()


def compressed_bytes(data: bytes) -> int:
    dictionary = min(max(len(data), 1 << 16), LARGEST_DICTIONARY)
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": dictionary}]
    return len(lzma.compress(data, format=lzma.FORMAT_XZ, filters=filters))
