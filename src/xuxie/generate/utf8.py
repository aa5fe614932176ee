"""Keeps sampled bytes valid UTF-8: byte-level tokens could begin a character and not end it."""

from functools import cache
from typing import Any

import torch
from tokenizers.pre_tokenizers import ByteLevel
from torch import Tensor
from transformers import PreTrainedTokenizerBase

INVALID = -1
COMPLETE = 0
# The states of a decoder by what it still waits for (Unicode Standard, table 3-7): the bytes a
# state accepts, and the state behind them.
CONTINUATION = range(0x80, 0xC0)
STATES: list[list[tuple[range, int]]] = [
    [
        (range(0x80), 0),
        (range(0xC2, 0xE0), 1),
        (range(0xE0, 0xE1), 3),
        (range(0xE1, 0xED), 2),
        (range(0xED, 0xEE), 4),
        (range(0xEE, 0xF0), 2),
        (range(0xF0, 0xF1), 6),
        (range(0xF1, 0xF4), 5),
        (range(0xF4, 0xF5), 7),
    ],
    [(CONTINUATION, 0)],
    [(CONTINUATION, 1)],
    [(range(0xA0, 0xC0), 1)],
    [(range(0x80, 0xA0), 1)],
    [(CONTINUATION, 2)],
    [(range(0x90, 0xC0), 2)],
    [(range(0x80, 0x90), 2)],
]


def after(state: int, data: bytes) -> int:
    """The state a decoder in `state` is in after `data`; INVALID if that cannot be UTF-8."""
    for byte in data:
        state = next((to for accepted, to in STATES[state] if byte in accepted), INVALID)
        if state == INVALID:
            return INVALID
    return state


def transitions(tokenizer: PreTrainedTokenizerBase) -> Tensor | None:
    """[states, vocabulary]: the state each token leads to, INVALID where it must not follow.

    None for vocabularies whose tokens are not bytes: they cannot break a character.
    """
    decoder: Any = getattr(getattr(tokenizer, "backend_tokenizer", None), "decoder", None)
    if type(decoder).__name__ != "ByteLevel":
        return None
    signs, special = byte_signs(), set(tokenizer.all_special_ids)
    table = torch.full((len(STATES), len(tokenizer)), INVALID, dtype=torch.int8)
    for token, name in enumerate(tokenizer.convert_ids_to_tokens(range(len(tokenizer)))):
        if token in special:
            table[COMPLETE, token] = COMPLETE
            continue
        data = bytes(signs[sign] for sign in name)
        for state in range(len(STATES)):
            table[state, token] = after(state, data)
    return table


@cache
def byte_signs() -> dict[str, int]:
    """The printable sign that stands for each byte in a byte-level vocabulary (GPT-2's scheme).

    Printable bytes stand for themselves, the others for the signs from U+0100 on, in order.
    """
    signs = set(ByteLevel.alphabet())
    plain = {sign: ord(sign) for sign in signs if ord(sign) < 256}
    others = [byte for byte in range(256) if byte not in plain.values()]
    return plain | {chr(256 + place): byte for place, byte in enumerate(others)}


class ValidUtf8:
    """Forbids every token that would make a row's text after the prompt invalid.

    Args:
        table: from `transitions`.
        width: logits a row; models often have more than the tokenizer has tokens.
    """

    def __init__(self, table: Tensor, rows: int, width: int, device: torch.device) -> None:
        self.table = table.to(device, torch.long)
        forbidden = torch.full((len(table), width), -torch.inf, device=device)
        forbidden[:, : table.shape[1]][self.table != INVALID] = 0.0
        self.forbidden = forbidden
        self.states = torch.full((rows,), COMPLETE, device=device)
        self.penalties = torch.empty(rows, width, device=device)

    def forbid(self, scores: Tensor) -> None:
        """Set the scores [rows, width] of forbidden tokens to -inf, in place."""
        scores += torch.index_select(self.forbidden, 0, self.states, out=self.penalties)

    def follow(self, tokens: Tensor) -> None:
        """Take note of the token that each row goes on with."""
        self.states = self.table[self.states, tokens]
