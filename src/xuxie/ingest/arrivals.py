"""The register of arrivals: in which batch each text was first seen. It never forgets one."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from xuxie.errors import bad_data
from xuxie.store.directories import whole_directory
from xuxie.store.manifest import verify

FILE = "arrivals.parquet"
# 16 bytes a document: half of the hexadecimal id's SHA-256, as the id itself.
ID = np.dtype("S16")
SCHEMA = pa.schema([("id", pa.binary(16)), ("arrival", pa.int32())])


class Register:
    """
    ids: sorted; arrivals: of each.
    next: the number that the texts of this run get which are new.
    """

    def __init__(self, ids: NDArray[np.bytes_], arrivals: NDArray[np.int32]) -> None:
        self.ids, self.arrivals = ids, arrivals
        self.next = int(arrivals.max(initial=0)) + 1
        self.new: list[NDArray[np.bytes_]] = []

    def numbered(self, hexadecimal: list[str]) -> NDArray[np.int32]:
        """The arrival of each id; remembers those that are new."""
        asked = np.frombuffer(bytes.fromhex("".join(hexadecimal)), dtype=ID)
        numbers = np.full(len(asked), self.next, dtype=np.int32)
        if len(self.ids):
            places = np.minimum(np.searchsorted(self.ids, asked), len(self.ids) - 1)
            known = self.ids[places] == asked
            numbers[known] = self.arrivals[places[known]]
        unseen = asked[numbers == self.next]
        if len(unseen):
            self.new.append(unseen.copy())
        return numbers

    def merged(self) -> tuple[NDArray[np.bytes_], NDArray[np.int32]]:
        """All ids, sorted, and their arrivals."""
        new = np.unique(np.concatenate(self.new)) if self.new else np.empty(0, dtype=ID)
        places = np.searchsorted(self.ids, new)
        return np.insert(self.ids, places, new), np.insert(self.arrivals, places, self.next)


def load_register(folder: Path) -> Register:
    """The register in `folder`, or an empty one if there is no folder.

    Raises:
        Refusal: the register is damaged; without it old documents would count as new.
    """
    if not folder.exists():
        return Register(np.empty(0, dtype=ID), np.empty(0, dtype=np.int32))
    verify(folder)
    try:
        table = pq.read_table(folder / FILE, schema=SCHEMA).combine_chunks()
    except (OSError, pa.ArrowException):
        raise bad_data(
            f"{folder} 已损坏；请运行 dvc checkout {folder} 恢复它",
            f"{folder} is damaged; restore it by dvc checkout {folder}",
        ) from None
    data = b"".join(chunk.buffers()[1].to_pybytes() for chunk in table["id"].chunks if len(chunk))
    return Register(np.frombuffer(data, dtype=ID), table["arrival"].to_numpy())


def save_register(folder: Path, register: Register) -> None:
    ids, arrivals = register.merged()
    binary = pa.Array.from_buffers(pa.binary(16), len(ids), [None, pa.py_buffer(ids.tobytes())])
    with whole_directory(folder) as partial:
        table = pa.table([binary, pa.array(arrivals)], schema=SCHEMA)
        # Hashes neither repeat nor pack.
        pq.write_table(table, partial / FILE, compression="none", use_dictionary=False)


def begins_anew(folder: Path, lock: Path) -> bool:
    """Whether the register is missing although the project's record knows one."""
    if folder.exists() or not lock.is_file():
        return False
    return f"path: {folder.as_posix()}\n" in lock.read_text(encoding="utf-8")
