"""Texts that grow token by token: where they end, and what of them may be shown already."""

from collections.abc import Callable
from itertools import takewhile

from transformers import PreTrainedTokenizerBase

from xuxie.generate.text import before_stop, begun_stop, readable, settled

# Number of the text, what is new of it, whether it is the last of it.
Emit = Callable[[int, str, bool], None]


class Growing:
    """One continuation.

    Args:
        end: the token that ends a text.
        stop: a text ends before the first of these.
        emit: gets the text piece by piece, in whole characters, nothing of a stop.
    """

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerBase,
        end: int,
        stop: list[str],
        emit: Callable[[str, bool], None] | None,
    ) -> None:
        self.tokenizer, self.end, self.stop, self.emit = tokenizer, end, stop, emit
        self.tokens: list[int] = []
        self.nats = 0.0
        self.ended = self.finished = False
        self.text, self.shown = "", 0

    def add(self, token: int, nats: float, *, last: bool) -> None:
        """Take one more token, which the model charges `nats`; nothing after the end."""
        if self.ended:
            return
        self.tokens.append(token)
        self.nats += nats
        self.finished = token == self.end
        self.ended = self.finished or last
        if self.ended or self.emit or self.stop:
            self.look()

    def look(self) -> None:
        whole = str(self.tokenizer.decode(self.tokens, skip_special_tokens=True))
        text = readable(whole if self.ended else settled(whole))
        self.text = before_stop(text, self.stop)
        if self.text != text:
            self.finished = self.ended = True
        if self.emit:
            safe = len(self.text) - (0 if self.ended else begun_stop(self.text, self.stop))
            self.emit(self.text[self.shown : safe], self.ended)
            self.shown = max(self.shown, safe)


class OneAfterAnother:
    """Shows texts that grow side by side in their order, each as soon as its turn comes.

    Args:
        headings: what is shown before each text.
        show: gets the pieces.
    """

    def __init__(self, headings: list[str], show: Callable[[str], None]) -> None:
        self.headings, self.show = headings, show
        self.waiting = list(headings)
        self.over = [False] * len(headings)
        self.turn = 0

    def __call__(self, number: int, piece: str, last: bool) -> None:
        self.waiting[number] += piece + "\n\n" * last
        self.over[number] = last
        done = sum(1 for _ in takewhile(bool, self.over))
        for place in range(self.turn, min(done + 1, len(self.waiting))):
            self.show(self.waiting[place])
            self.waiting[place] = ""
        self.turn = done
