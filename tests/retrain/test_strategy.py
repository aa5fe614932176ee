"""Which way to train, with what, and when continuing was not enough."""

import pyarrow as pa
import pytest

from conftest import Settings
from planted_scores import scores
from xuxie import config
from xuxie.evaluate.settings import Bootstrap
from xuxie.retrain.settings import Training
from xuxie.retrain.training.forgetting import changes, enough, forgets, too_much
from xuxie.retrain.training.strategy import attempts, continued, gained, only_start

TRAINING = Training(strategy="auto", replay=0.25, rate=0.5, epochs=1.5, forgetting=0.02)
BOOTSTRAP = Bootstrap(resamples=1000, confidence=0.95, seed=1)


@pytest.mark.parametrize(
    ("strategy", "champion", "new", "changed", "ways", "codes"),
    [
        ("auto", True, 5, False, ["continue", "scratch"], []),
        ("auto", True, 5, True, ["scratch"], ["settings_changed"]),
        ("auto", True, 0, False, ["scratch"], ["no_new_training_text"]),
        ("continue", True, 0, False, ["scratch"], ["no_new_training_text"]),
        ("continue", True, 5, True, ["continue"], ["asked_continue"]),
        ("scratch", True, 5, False, ["scratch"], ["asked_scratch"]),
        ("continue", False, 5, False, ["scratch"], []),
        ("auto", False, 5, False, ["scratch"], []),
    ],
)
def test_the_ways_to_train(
    strategy: str, champion: bool, new: int, changed: bool, ways: list[str], codes: list[str]
) -> None:
    found, why = attempts(
        strategy, champion=champion, new_training_documents=new, settings_changed=changed
    )
    assert (found, [reason.code for reason in why]) == (ways, codes)


def test_a_continued_training_starts_from_the_champion(settings: Settings) -> None:
    configured = settings().model_dump()
    made = config.check(continued(configured, TRAINING, after=3))
    assert (made.model.start, made.tokenizer.kind) == ("pretrained", "pretrained")
    assert (made.fetch.pretrained.kind, made.fetch.pretrained.name) == ("folder", "base")
    assert made.model.context == settings().model.context
    assert (made.train.epochs, made.train.replay.after, made.train.replay.share) == (1.5, 3, 0.25)
    before = settings().train.optimizer
    assert made.train.optimizer == before.model_copy(
        update={
            "matrix_rate": before.matrix_rate / 2,
            "embedding_rate": before.embedding_rate / 2,
            "rate": before.rate / 2,
        }
    )
    assert configured == settings().model_dump()


@pytest.mark.parametrize(("best", "better"), [(3.9, True), (4.0, False)])
def test_a_continued_training_that_kept_its_start_gained_nothing(best: float, better: bool) -> None:
    assert gained({"val": {"before_training": 4.0, "bits_per_character": best}}) is better


def test_fetch_brings_the_champion_and_downloads_nothing(settings: Settings) -> None:
    made = config.check(only_start(continued(settings().model_dump(), TRAINING, after=1)))
    assert (made.fetch.statutes, made.fetch.reviews) == (None, None)
    assert made.fetch.pretrained.package is None


def test_forgetting_is_measured_on_the_documents_of_before() -> None:
    champion, challenger = scores(seed=1, spread=0.01), scores(seed=2, statutes=-0.2, spread=0.01)
    # Of the last hundred documents the champion knew nothing; there the other is much better.
    bits = challenger["bits"].to_numpy().copy()
    bits[-100:] -= 100.0
    challenger = challenger.set_column(
        challenger.schema.get_field_index("bits"), "bits", pa.array(bits)
    )
    known = champion["id"].to_pylist()[:-100]
    found = changes(champion, challenger, known, BOOTSTRAP)
    by_part = {part.part: part.delta for part in found.old}
    assert by_part["statutes"] == pytest.approx(0.2, abs=0.02)
    assert by_part["reviews"] == pytest.approx(0.0, abs=0.02)
    assert found.new is not None
    assert found.new.delta < -0.5
    assert [part.part for part in forgets(found, 0.02)] == ["all", "statutes"]
    assert forgets(found, 0.3) == []


def test_what_chance_can_explain_is_not_forgotten() -> None:
    found = changes(
        scores(seed=1, spread=1.0),
        scores(seed=5, spread=1.0),
        scores(seed=1)["id"].to_pylist(),
        BOOTSTRAP,
    )
    assert max(part.delta for part in found.old) > 0.02
    assert forgets(found, 0.02) == []


def test_the_reason_names_the_worst_source() -> None:
    champion, challenger = scores(seed=1, spread=0.01), scores(seed=2, statutes=-0.03, spread=0.01)
    found = changes(champion, challenger, champion["id"].to_pylist(), BOOTSTRAP)
    told = enough(found)
    assert told.english.startswith("continue was enough; forgetting 0.0")
    assert told.english.endswith("bits per character on statutes")
    assert "来源 statutes" in told.chinese
    [*_, worst] = sorted(found.old, key=lambda part: part.delta)
    assert "trained from scratch" in too_much(worst, 0.01).english


def test_models_without_a_document_of_before_forget_nothing() -> None:
    found = changes(scores(seed=1), scores(seed=2), [], BOOTSTRAP)
    assert found.old == []
    assert forgets(found, 0.0) == []
    assert "0.000" in enough(found).english
