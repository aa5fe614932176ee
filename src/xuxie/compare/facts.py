"""In what else the models differ: settings, data, code. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from xuxie.compare.documents import Common
from xuxie.compare.subject import Subject

ABSENT = "–"


@dataclass(frozen=True)
class Row:
    """One key and its value in each model."""

    key: str
    values: list[str]


@dataclass(frozen=True)
class Score:
    """What one model makes of the documents in common."""

    bits_per_character: float
    accuracy: float
    characters_per_token: float


def differing(found: list[Mapping[str, str]]) -> list[Row]:
    """The keys whose values differ among those that know them.

    A run of MLflow knows fewer settings than a project: a key that one model does not know is no
    difference.
    """
    rows = []
    for key in sorted(set().union(*found)):
        values = [values.get(key, ABSENT) for values in found]
        if len({value for value in values if value != ABSENT}) > 1:
            rows.append(Row(key, values))
    return rows


def settings(subjects: list[Subject]) -> list[Row]:
    return differing([subject.params for subject in subjects])


def data(subjects: list[Subject]) -> list[Row]:
    rows = differing([subject.data for subject in subjects])
    return [Row(row.key, [value[:12] for value in row.values]) for row in rows]


def code(subjects: list[Subject]) -> list[Row]:
    """The commits, if they differ or any model was made by code that no commit holds."""
    commits = [
        (subject.commit[:12] or ABSENT) + (" + 未提交 uncommitted" if subject.changed else "")
        for subject in subjects
    ]
    changed = any(subject.changed for subject in subjects)
    return [Row("git", commits)] if len(set(commits)) > 1 or changed else []


def scores(common: Common) -> list[Score]:
    characters = float(common.characters.sum())
    return [
        Score(bits / characters, right / tokens, characters / tokens)
        for bits, right, tokens in zip(
            *(np.sum(values, axis=1) for values in (common.bits, common.right, common.tokens)),
            strict=True,
        )
    ]


def prompts(subjects: list[Subject]) -> list[str]:
    """The prompts that more than one model continued, in the order of the first."""
    each = [[str(sample["prompt"]) for sample in subject.samples] for subject in subjects]
    every = list(dict.fromkeys(prompt for asked in each for prompt in asked))
    return [prompt for prompt in every if sum(prompt in asked for asked in each) > 1]


def continuations(subject: Subject, prompt: str) -> Iterable[str]:
    for sample in subject.samples:
        if sample["prompt"] == prompt:
            yield str(sample["text"]) + ("" if sample.get("finished", True) else "……")
