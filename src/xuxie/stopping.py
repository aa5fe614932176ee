"""SIGTERM and Ctrl-C: they raise Stopped wherever the process is, or wait for a safe moment."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from xuxie.errors import ExitCode

CODES = {signal.SIGTERM: ExitCode.TERMINATED, signal.SIGINT: ExitCode.INTERRUPTED}
# Seconds within which a second Ctrl-C is the first one, passed on by dvc.
PASSED_ON = 1.0
# Seconds until a stop that was dropped comes again.
AGAIN = 0.05


class Stopped(BaseException):
    """A signal asked this process to end. Not an Exception, so that nobody swallows it."""

    def __init__(self, code: ExitCode) -> None:
        super().__init__(code)
        self.code = code


class Stop:
    """What was asked of this process, and when.

    A dying dvc brings one SIGTERM for each of its threads; the later ones must not cut short what
    the first began. A second Ctrl-C still does, but not at once: dvc passes the first one on.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self.asked: signal.Signals | None = None
        self.began = 0.0
        self.deferred = False

    def handle(self, number: int, _: FrameType | None) -> None:
        now = time.monotonic()
        again = number == signal.SIGINT and now - self.began > PASSED_ON
        if self.asked is not None and not again:
            return
        first, self.asked, self.began = self.asked is None, signal.Signals(number), now
        if not (self.deferred and first):
            self.leave()

    def ask(self, number: int) -> None:
        """Note a stop that came otherwise than by a signal, for work that looks for one."""
        self.asked = self.asked or signal.Signals(number)

    def leave(self) -> None:
        """Raise Stopped if a signal has asked for it.

        What it cuts short may be half made, a progress bar without its fields say, and fail when
        it is deleted: nobody wants to read that.
        """
        if self.asked is not None:
            sys.unraisablehook = self.unraisable
            raise Stopped(CODES[self.asked])

    def leave_with_others(self) -> None:
        """Raise Stopped, also where only another process of the same work was asked."""
        self.asked = self.asked or signal.SIGTERM
        self.leave()

    def unraisable(self, lost: "sys.UnraisableHookArgs") -> None:
        """Python drops what is raised while an object is deleted: send a stop once more.

        A moment later, for raised in here it would be dropped too.
        """
        if isinstance(lost.exc_value, Stopped) and self.asked is not None:
            number, self.asked = self.asked, None
            threading.Timer(AGAIN, os.kill, (os.getpid(), number)).start()


STOP = Stop()


def listen_for_signals() -> None:
    """Let SIGTERM and Ctrl-C raise Stopped in the main thread."""
    STOP.forget()
    take_signals()


def take_signals() -> None:
    """Handle the signals here, also where a library has put a handler of its own.

    Outside the main thread, where Ray Train runs its work, Python has no handlers.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    for number in CODES:
        signal.signal(number, STOP.handle)


@contextmanager
def stops_deferred() -> Iterator[Callable[[], bool]]:
    """Let the first signal wait: the body asks whether one came, and ends in good order.

    Yields:
        Whether a signal has asked this process to end.

    Raises:
        Stopped: at the end of the body, if one has.
    """
    STOP.deferred = True
    try:
        yield lambda: STOP.asked is not None
    finally:
        STOP.deferred = False
    STOP.leave()
