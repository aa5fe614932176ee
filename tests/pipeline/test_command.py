"""The `xuxie` command on the results of a run."""

import contextlib
import json
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from checkout import Checkout
from waiting import free_port, wait_until
from xuxie import cli


@pytest.fixture
def here(project: Checkout, monkeypatch: pytest.MonkeyPatch) -> Iterator[Checkout]:
    """Commands run in this process, in the project."""
    for name in ("MLFLOW_TRACKING_URI", "DVC_ROOT"):
        monkeypatch.delenv(name, raising=False)
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    with contextlib.chdir(project.folder):
        yield project
    for number, handler in kept.items():
        signal.signal(number, handler)


def xuxie(monkeypatch: pytest.MonkeyPatch, *words: str) -> int | str | None:
    """Run the command as the console script does; its exit code."""
    monkeypatch.setattr("sys.argv", ["xuxie", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code


@pytest.mark.usefixtures("here")
def test_continuations_stream_and_repeat_with_their_seed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("generate", "房间", "-n", "2", "--seed", "7", "--max-new-tokens", "30")
    assert xuxie(monkeypatch, *words) == 0
    first = capsys.readouterr().out
    assert first.count("房间") >= 2
    assert len(first.strip().split("\n\n")) == 2
    assert xuxie(monkeypatch, *words) == 0
    assert capsys.readouterr().out == first


@pytest.mark.usefixtures("here")
def test_a_temperature_out_of_range_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert xuxie(monkeypatch, "generate", "房间", "--temperature", "-1") == 64
    assert "generate.temperature = -1.0" in capsys.readouterr().err


@pytest.mark.usefixtures("here")
def test_a_damaged_model_is_found(
    model_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert xuxie(monkeypatch, "verify") == 0
    weights = model_folder / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.unlink()
    weights.write_bytes(data)
    assert xuxie(monkeypatch, "verify") == 65
    assert "model.safetensors" in capsys.readouterr().out


@pytest.mark.usefixtures("here")
def test_a_model_keeps_its_version_and_nothing_waits_to_be_sent(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert xuxie(monkeypatch, "register") == 0
    assert xuxie(monkeypatch, "sync") == 0
    told = capsys.readouterr().out
    assert "version 1" in told
    assert "sent the records of 0 runs" in told


def test_the_summary_weighs_every_stage(
    here: Checkout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert xuxie(monkeypatch, "summary") == 0
    shown = capsys.readouterr().out
    scores = json.loads((here.folder / "metrics/evaluate.json").read_text())
    for source in scores["test"].values():
        assert f"{source['bits_per_character']:.3f}" in shown
    assert "–" not in shown.partition("Stages")[2].partition("今天")[0]


@pytest.mark.usefixtures("in_folder")
def test_a_summary_without_results_says_what_to_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert xuxie(monkeypatch, "summary") == 65
    assert "xuxie pipeline" in capsys.readouterr().err


def test_the_ui_answers_on_localhost(project: Checkout) -> None:
    port = free_port()
    server = project.start("xuxie", "ui", "--port", str(port))
    address = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=5) as reply:
                return bool(reply.status == 200)
        except OSError:
            return False

    try:
        wait_until(answers)
        request = urllib.request.Request(
            f"{address}/ajax-api/2.0/mlflow/experiments/get-by-name?experiment_name=xuxie"
        )
        with urllib.request.urlopen(request, timeout=10) as reply:
            assert json.load(reply)["experiment"]["name"] == "xuxie"
    finally:
        server.terminate()
        server.communicate(timeout=30)


@pytest.mark.usefixtures("here")
def test_a_server_elsewhere_is_named_not_started(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    assert xuxie(monkeypatch, "ui") == 0
    assert "http://127.0.0.1:9" in capsys.readouterr().out


def test_a_pipeline_without_mlflow_still_shows_its_result(project: Checkout) -> None:
    printed = project.run("xuxie", "pipeline", MLFLOW_TRACKING_URI="http://127.0.0.1:9").stdout
    assert "kneser_ney_6" in printed
    assert "not registered" in printed


def test_a_pipeline_that_stops_says_so_and_shows_no_old_result(project: Checkout) -> None:
    project.edit("conf/generate/default.yaml", "top_k: 50", "top_k: -1")
    done = project.run("xuxie", "pipeline", code=255)
    assert "generate.top_k = -1" in done.stderr
    assert "kneser_ney_6" not in done.stdout
