"""What can go wrong that a user can mend, told in one line, and the exit codes for it."""

from enum import IntEnum
from typing import Any


class ExitCode(IntEnum):
    """Documented in README.md; 64 to 75 follow sysexits.h, 130 and 143 the shell's 128 + signal."""

    PARAMETERS = 64
    DATA = 65
    UNAVAILABLE = 69
    STORAGE = 74
    BUSY = 75
    DIVERGED = 76
    DIFFERENT = 77
    INTERRUPTED = 130
    TERMINATED = 143


class Refusal(Exception):
    """Work that must not go on. Says what, where and what to do, in Chinese and in English."""

    def __init__(self, code: ExitCode, chinese: str, english: str) -> None:
        super().__init__(f"{chinese} | {english}")
        self.code, self.languages = code, (chinese, english)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.code, *self.languages)


def bad_parameters(chinese: str, english: str) -> Refusal:
    return Refusal(ExitCode.PARAMETERS, chinese, english)


def bad_data(chinese: str, english: str) -> Refusal:
    return Refusal(ExitCode.DATA, chinese, english)


def first_line(error: BaseException) -> str:
    """What an error of a library says, in one line; its type where it says nothing."""
    return (str(error).splitlines() or [type(error).__name__])[0]
