"""The baseline of a general compressor: xz that has read the training text before.

Reading the training text is nearly all of the work. It is done once, and the process that has
done it forks for each text to go on with: five readings of it took 40 s of the 75 s that a whole
evaluation of the default model took of one core.
"""

import lzma
import signal
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)

# A dictionary as large as the text, up to what xz allows; level 6 is xz's own default.
LARGEST_DICTIONARY = 3 << 29


@contextmanager
def started(
    train: list[str], texts: Mapping[Key, list[str]]
) -> Iterator[Callable[[], dict[Key, float]]]:
    """For each named list of documents: the bits that xz adds for them after `train`.

    Another process works on it until it is asked for its answer, or left without. It is a new one:
    only a process without threads may fork.
    """
    rest = {name: joined(documents) for name, documents in texts.items()}
    spawn = get_context("spawn")
    receiver, sender = spawn.Pipe(duplex=False)
    worker = spawn.Process(target=work, args=(sender, joined(train), rest))
    worker.start()
    sender.close()
    try:
        yield receiver.recv
    finally:
        worker.terminate()
        worker.join()


def work(pipe: Connection, before: bytes, texts: Mapping[Key, bytes]) -> None:
    """The whole life of the other process; the first alone says that somebody pressed Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(BrokenPipeError):
        pipe.send(added_bits(before, texts))


def added_bits(before: bytes, texts: Mapping[Key, bytes]) -> dict[Key, float]:
    compressor = compressor_for(before, texts)
    written = read(compressor, before)
    lengths = [written + rest for rest in in_copies(compressor, [b"", *texts.values()])]
    return {name: (n - lengths[0]) * 8.0 for name, n in zip(texts, lengths[1:], strict=True)}


def read(compressor: "lzma.LZMACompressor", data: bytes) -> int:
    """Have `data` compressed now; the bytes written so far.

    What fits into its dictionary the compressor only stores, until there is more to take in.
    """
    return sum(len(compressor.compress(piece)) for piece in (data[:-1], data[-1:]))


def in_copies(compressor: "lzma.LZMACompressor", ends: list[bytes]) -> Iterator[int]:
    """Bytes still to come if the text went on with each of `ends` and was over."""
    fork = get_context("fork")

    def end(data: bytes, pipe: Connection) -> None:
        pipe.send(len(compressor.compress(data)) + len(compressor.flush()))

    for data in ends:
        receiver, sender = fork.Pipe(duplex=False)
        copy = fork.Process(target=end, args=(data, sender))
        copy.start()
        sender.close()
        yield receiver.recv()
        copy.join()


def compressor_for(before: bytes, texts: Mapping[Key, bytes]) -> "lzma.LZMACompressor":
    size = len(before) + max(map(len, texts.values()), default=0)
    dictionary = min(max(size, 1 << 16), LARGEST_DICTIONARY)
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": dictionary}]
    return lzma.LZMACompressor(format=lzma.FORMAT_XZ, filters=filters)


def joined(documents: list[str]) -> bytes:
    return "".join(f"{document}\n" for document in documents).encode()
