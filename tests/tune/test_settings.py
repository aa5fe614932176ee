"""Ranges are checked before the first trial."""

from collections.abc import Callable

import pytest

from xuxie.config import Config
from xuxie.errors import Refusal
from xuxie.tune.space import applied, check_ranges

Configure = Callable[..., Config]


@pytest.mark.parametrize(
    ("search", "message"),
    [
        ("{key: train.optimizer.matrix_rat, kind: log, low: 0.1, high: 0.2}", "matrix_rate"),
        ("{key: train.optimizer.matrix_rate, kind: log, low: 0.1, high: 2.0}", "matrix_rate = 2.0"),
        ("{key: train.batch, kind: linear, low: 1.5, high: 8.0}", r"train\.batch = 1\.5"),
        ("{key: train.batch, kind: integer, low: 8, high: 4}", "low < high"),
        ("{key: train.batch, kind: log, low: 0, high: 4}", "low > 0"),
        ("{key: train.optimizer.kind, kind: choice, values: [muon, sgd]}", "muon | adamw"),
        ("{key: clean.mix.main, kind: choice, values: [zh, en]}", "tune.search"),
        ("{key: train.seed, kind: integer, low: 1, high: 9}", "none of train.seed"),
        ("{key: train.batch, kind: grid, low: 1, high: 9}", "tune.search"),
    ],
)
def test_a_range_that_will_not_do_is_refused(
    configure: Configure, search: str, message: str
) -> None:
    with pytest.raises(Refusal) as refused:
        check_ranges(configure(f"tune.search=[{search}]"))
    assert message.replace("\\", "") in str(refused.value)


def test_values_are_put_where_their_keys_point(configure: Configure) -> None:
    settings = configure()
    chosen = applied(settings, {"train.optimizer.matrix_rate": 0.5, "model.layers": 3}, 0.25)
    assert (chosen.train.optimizer.matrix_rate, chosen.model.layers) == (0.5, 3)
    assert chosen.train.epochs == settings.train.epochs / 4
    assert chosen.train.optimizer.rate == settings.train.optimizer.rate


def test_the_ranges_that_come_with_the_project_will_do(settings: Configure) -> None:
    check_ranges(settings())
