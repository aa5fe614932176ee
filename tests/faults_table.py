"""The table of faults at the end of `make faults`: what was struck, whether it held, how long."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

import pytest

# Of all random moments; a table is worth what can be repeated.
SEED = 20261125


def rows(reports: Iterable[pytest.TestReport]) -> Iterator[str]:
    """A line for each test, the killings at every step of one training together."""
    groups: dict[str, list[pytest.TestReport]] = defaultdict(list)
    for report in reports:
        name = report.nodeid.rpartition("::")[2]
        groups[name.partition("[")[0] if "every_step" in name else name].append(report)
    for name, group in groups.items():
        held = sum(report.passed for report in group)
        seconds = sum(report.duration for report in group)
        told = name.removeprefix("test_").replace("_", " ")
        yield f"| {told} | {held} of {len(group)} | {seconds:.0f} |"


def show(reporter: pytest.TerminalReporter) -> None:
    found = [
        report
        for kind in ("passed", "failed")
        for report in reporter.stats.get(kind, [])
        if report.when == "call" and "faults" in report.keywords
    ]
    if found:
        reporter.section(f"faults, seed {SEED}")
        reporter.write_line("| struck | held | seconds |")
        reporter.write_line("| --- | ---: | ---: |")
        for line in rows(found):
            reporter.write_line(line)
