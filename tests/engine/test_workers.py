"""Processes of a cluster: what is refused before any starts, and what they tell of their end."""

import errno
import pickle
from collections.abc import Callable

import pytest

from xuxie.config import Config
from xuxie.engine.workers import Line, Told, room_for, together
from xuxie.errors import ExitCode, Refusal
from xuxie.stopping import Stopped

Settings = Callable[..., Config]


def test_without_ray_it_is_said_what_to_install(settings: Settings) -> None:
    with pytest.raises(Refusal, match=r"pip install 'xuxie\[ray\]'"):
        together(print, 2, settings("engine=ray").engine)


@pytest.mark.parametrize("resources", [{"CPU": 1.0}, {"CPU": 8.0, "GPU": 1.0}, {}])
def test_a_cluster_that_is_too_small_is_refused(resources: dict[str, float]) -> None:
    with pytest.raises(Refusal, match=r"train\.devices x train\.num_nodes = 2"):
        room_for(2, resources)


def test_processes_get_gpus_where_there_are_any() -> None:
    assert [room_for(2, {"CPU": 8.0, "GPU": number}) for number in (0.0, 2.0)] == [False, True]


@pytest.mark.parametrize(
    "end",
    [
        Refusal(ExitCode.DATA, "坏", "bad"),
        Stopped(ExitCode.TERMINATED),
        OSError(errno.ENOSPC, "full"),
    ],
)
def test_the_first_end_is_told_as_it_was(end: Told) -> None:
    line = Line()
    line.tell(pickle.loads(pickle.dumps(end)))
    line.tell(Stopped(ExitCode.INTERRUPTED))
    told = line.told()
    assert (type(told), str(told)) == (type(end), str(end))
    assert getattr(told, "code", None) == getattr(end, "code", None)


def test_a_stop_is_passed_on() -> None:
    line = Line()
    assert line.is_asked() is None
    line.ask(15)
    assert line.is_asked() == 15
