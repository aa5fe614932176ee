"""All that a comparison found, as the terminal and the report show it."""

from dataclasses import dataclass
from itertools import groupby, pairwise

from xuxie.compare import facts
from xuxie.compare.documents import Common, Counts, in_common
from xuxie.compare.noise import Noise
from xuxie.compare.paired import Difference, differences
from xuxie.compare.project import changed_files
from xuxie.compare.subject import Subject
from xuxie.compare.verdict import Words, verdict
from xuxie.evaluate.settings import Bootstrap


@dataclass(frozen=True)
class Comparison:
    """
    differences: of each pair, one after the other, over all documents and then each source.
    verdicts: of each pair.
    files: of src and conf, that differ between the models' commits.
    """

    subjects: list[Subject]
    counts: Counts
    scores: list[facts.Score]
    differences: list[Difference]
    verdicts: list[Words]
    noise: Noise | None
    settings: list[facts.Row]
    data: list[facts.Row]
    code: list[facts.Row]
    files: list[str]


def compare(subjects: list[Subject], bootstrap: Bootstrap, noise: Noise | None) -> Comparison:
    """
    Raises:
        Refusal: the models scored no document in common.
    """
    common, counts = in_common([subject.scores for subject in subjects])
    return judged(subjects, common, counts, differences(common, bootstrap, noise), noise)


def judged(
    subjects: list[Subject],
    common: Common,
    counts: Counts,
    found: list[Difference],
    noise: Noise | None,
) -> Comparison:
    pairs = [list(group) for _, group in groupby(found, lambda d: (d.first, d.second))]
    commits = [subject.commit for subject in subjects]
    return Comparison(
        subjects=subjects,
        counts=counts,
        scores=facts.scores(common),
        differences=found,
        verdicts=[verdict(pair) for pair in pairs],
        noise=noise,
        settings=facts.settings(subjects),
        data=facts.data(subjects),
        code=facts.code(subjects),
        files=sorted({file for a, b in pairwise(commits) for file in changed_files(a, b)}),
    )
