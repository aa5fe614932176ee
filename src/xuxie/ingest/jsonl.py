"""JSON Lines, strictly: UTF-8, one object a line, no key twice, no NaN, no bottomless nesting."""

import json
from collections import Counter
from typing import Any, BinaryIO

import orjson

from xuxie.errors import first_line
from xuxie.ingest.lines import lines
from xuxie.ingest.rows import Reject, Row, Rows, Unreadable
from xuxie.ingest.settings import Limits


def jsonl(file: BinaryIO, start: int, limits: Limits) -> Rows:
    nesting = limits.nesting
    for number, offset, line in lines(file, start, limits.line_mib << 20):
        if line is None:
            yield Reject(number, "too_long", f"more than {limits.line_mib} MiB", offset)
        elif line and (quick := simple(line, nesting)) is not None:
            yield Row(number, quick)
        elif line.strip():
            yield careful(line, number, offset, nesting)


def simple(line: bytes, nesting: int) -> dict[str, Any] | None:
    """The object of a line that has nothing to look at twice; None for all others.

    orjson lets the last of two equal keys win. Each key has its colon, so a line with as many
    colons as its object has keys has no key twice, no object inside, and no colon in a text.
    """
    try:
        value = orjson.loads(line)
    except ValueError:
        return None
    if type(value) is dict and line.count(b":") == len(value) and line.count(b"[") < nesting:
        return value
    return None


def careful(line: bytes, number: int, offset: int, nesting: int) -> Row | Reject:
    """The line as Python's own parser reads it, with every rule, or the reason why not."""
    try:
        value = json.loads(line.decode(), object_pairs_hook=unique, parse_constant=refuse_constant)
    except UnicodeDecodeError as error:
        byte = offset + error.start
        return Reject(number, "not_utf8", f"byte {byte}", byte)
    except Unreadable as error:
        return error.reject._replace(place=number)
    except RecursionError:
        return Reject(number, "too_deep", f"more than {nesting} levels")
    except ValueError as error:
        return Reject(number, "broken_json", first_line(error))
    if not isinstance(value, dict):
        return Reject(number, "broken_json", "no object")
    if deeper(value, nesting):
        return Reject(number, "too_deep", f"more than {nesting} levels")
    return Row(number, value)


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = [key for key, times in Counter(key for key, _ in pairs).items() if times > 1]
        raise Unreadable("duplicate_key", repr(twice[0]))
    return found


def refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def deeper(value: Any, nesting: int) -> bool:
    """Whether objects and arrays lie in each other more than `nesting` deep."""
    level = [value]
    for _ in range(nesting):
        level = [inner for outer in level for inner in children(outer)]
        if not level:
            return False
    return True


def children(value: Any) -> list[Any]:
    """The objects and arrays right inside `value`."""
    parts = value.values() if isinstance(value, dict) else value
    return [part for part in parts if isinstance(part, dict | list)]
