"""MLflow's own pages over five real runs, in a real Chromium, as a person opens them.

It needs `pip install -e .[stores]` and Debian's package chromium. With SCREENSHOTS=folder the
pages are kept there as pictures.
"""

import os
import re
import shutil
import signal
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from checkout import Checkout, check_out
from waiting import free_port, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.slow

EXPERIMENTS = (
    ["train.seed=2"],
    ["model.layers=4"],
    ["model.width=128"],
    ["train.optimizer.matrix_rate=0.003", "train.epochs=6"],
)
# MLflow opens its assistant at the first visit; as if it had been closed before.
CLOSED_ASSISTANT = """
  localStorage.setItem('mlflow.assistant.fab.autoOpenedOnFirstLoad_v1', 'true');
  localStorage.setItem('mlflow.assistant.panelOpen_v1', 'false');
"""
# The steps of each curve of the first chart that draws one for every run.
CURVES = """() => {
  const charts = [...document.querySelectorAll('.js-plotly-plot')];
  const steps = curve => [curve.name, [...(curve.x || [])]];
  const named = chart => Object.fromEntries((chart.data || []).map(steps));
  const found = charts.map(named).find(curves => Object.keys(curves).length === 5);
  return found && Object.values(found).every(steps => steps.length > 5) && Object.values(found);
}"""
BEST = "best/val_bits_per_character"


@pytest.fixture(scope="module")
def five_runs(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    made = check_out(tmp_path_factory.mktemp("five"))
    made.edit("conf/experiment/smoke.yaml", "epochs: 0.5", "epochs: 3")
    made.edit("conf/experiment/smoke.yaml", "validations: 2", "validations: 8")
    made.run("git", "commit", "--quiet", "--all", "--message", "longer")
    made.run("dvc", "repro")
    made.run("git", "add", ".")
    made.run("git", "commit", "--quiet", "--message", "run")
    for asked in EXPERIMENTS:
        made.run("dvc", "exp", "run", *[word for change in asked for word in ("-S", change)])
    return made


@pytest.fixture(scope="module")
def address(five_runs: Checkout) -> Iterator[str]:
    """As `xuxie ui` prints it, once the server behind it answers."""
    printed, port = five_runs.folder / "ui.log", free_port()
    command = f"exec xuxie ui --port {port} > {printed} 2>&1"
    server = five_runs.start("sh", "-c", command, PYTHONPATH="src")
    try:
        wait_until(lambda: server.poll() is not None or answers(port))
        found = re.search(r"http://127\.0\.0\.1:\S+", printed.read_text())
        assert found, printed.read_text()
        yield found[0]
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.communicate()


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False


@pytest.fixture(scope="module")
def page() -> Iterator["Page"]:
    assert find_spec("playwright"), "playwright is missing: pip install -e .[stores]"
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    assert chromium, "chromium is missing: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1500, "height": 950}, locale="en-US")
        context.set_default_timeout(60_000)
        context.add_init_script(CLOSED_ASSISTANT)
        yield context.new_page()
        browser.close()


def expect(locator: "Locator") -> Any:
    """Playwright's, which waits; imported here, for the suite is collected without it too."""
    from playwright.sync_api import expect as expected

    expected.set_options(timeout=60_000)
    return expected(locator)


def keep_picture(page: "Page", name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        page.wait_for_timeout(2000)  # until the charts have come to rest
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_the_address_shows_the_runs_the_best_first(page: "Page", address: str) -> None:
    page.goto(address)
    expect(page.get_by_role("columnheader", name=BEST).last).to_be_visible()
    cells = page.locator(f"[role=gridcell][col-id*='{BEST}']")
    expect(cells).to_have_count(1 + len(EXPERIMENTS))
    scores = [float(text) for text in cells.all_inner_texts()]
    assert scores == sorted(scores)
    expect(page.get_by_text("先看什么")).to_be_visible()
    expect(page.get_by_text("train.seed 1→2")).to_be_visible()
    keep_picture(page, "runs")


def test_curves_lie_on_one_axis_of_tokens(page: "Page", address: str) -> None:
    page.goto(f"{address}&compareRunsMode=CHART")
    page.get_by_placeholder("Search metric charts").fill("val/bits_per_character")
    expect(page.get_by_text("cost/hours", exact=True)).to_have_count(0)
    expect(page.get_by_text("val/bits_per_character", exact=True).first).to_be_visible()
    drawn = page.wait_for_function(CURVES).json_value()
    assert len(drawn) == 1 + len(EXPERIMENTS)
    assert all(5 < len(steps) < 500 for steps in drawn)
    assert min(map(min, drawn)) > 0  # no figure of another stage on the curve
    assert max(map(max, drawn)) > 10_000  # tokens, not steps of the optimizer
    keep_picture(page, "curves")


def test_selected_runs_are_compared(page: "Page", address: str) -> None:
    page.goto(address)
    page.get_by_role("checkbox", name="Select all runs").click()
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_text("Comparing 5 Runs")).to_be_visible()
    expect(page.locator(".parcoords").first).to_be_visible()
    keep_picture(page, "parallel-coordinates")
    page.get_by_text("Show diff only").first.click()
    expect(page.get_by_text("model.layers", exact=True).first).to_be_visible()
    expect(page.get_by_text("train.optimizer.beta1", exact=True)).to_have_count(0)


def test_report_and_samples_open(page: "Page", address: str) -> None:
    page.goto(address)
    page.locator("[role=gridcell] a[href*='/runs/']").first.click()
    page.get_by_role("tab", name="Artifacts").click()
    page.get_by_text("report", exact=True).click()
    page.get_by_text("evaluate.html", exact=True).click()
    expect(page.frame_locator("iframe").get_by_text("评估报告")).to_be_visible()
    keep_picture(page, "report")
    page.get_by_text("samples", exact=True).click()
    page.get_by_text("samples.json", exact=True).click()
    expect(page.get_by_text("今天天气很好。 · 0").first).to_be_visible()
    keep_picture(page, "samples")
