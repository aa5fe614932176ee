"""The table of faults at the end of `make faults`: what was struck, whether it held, how long."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

import pytest

# Of all random moments; a table is worth what can be repeated.
SEED = 20261125
CHOSEN = "fault"


def name_rows(items: Iterable[pytest.Item]) -> None:
    """Have the report of each test bear the identifiers that its mark gives it."""
    for item in items:
        for mark in item.iter_markers(CHOSEN):
            item.user_properties.append((CHOSEN, ", ".join(mark.args)))


def rows(reports: Iterable[pytest.TestReport]) -> Iterator[str]:
    """A line for each function, all its cases together."""
    groups: dict[tuple[str, str], list[pytest.TestReport]] = defaultdict(list)
    for report in reports:
        test = report.nodeid.rpartition("::")[2].partition("[")[0]
        groups[dict(report.user_properties)[CHOSEN], test].append(report)
    for (identifiers, test), group in sorted(groups.items()):
        held = sum(report.passed for report in group)
        seconds = sum(report.duration for report in group)
        told = test.removeprefix("test_").replace("_", " ")
        yield f"| {identifiers} | {told} | {held} of {len(group)} | {seconds:.0f} |"


def show(reporter: pytest.TerminalReporter) -> None:
    """Where the table was asked for: its rows run among the other tests, too."""
    if reporter.config.option.markexpr != CHOSEN:
        return
    found = [
        report
        for kind in ("passed", "failed", "error")
        for report in reporter.stats.get(kind, [])
        if report.when == "call" or report.failed
    ]
    reporter.section(f"faults, seed {SEED}")
    reporter.write_line("| id | struck | held | seconds |")
    reporter.write_line("| --- | --- | ---: | ---: |")
    for line in rows(found):
        reporter.write_line(line)
