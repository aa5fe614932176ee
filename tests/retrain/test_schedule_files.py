"""Files for other schedulers say the same times as the expression."""

import shutil
import subprocess
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pytest
import yaml

from xuxie.errors import Refusal
from xuxie.retrain.schedule.cron import following, trigger
from xuxie.retrain.schedule.files import files, in_utc, on_calendar
from xuxie.retrain.settings import Schedule

NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)


def schedule(cron: str, timezone: str = "Asia/Shanghai", overlap: str = "skip") -> Schedule:
    return Schedule(
        cron=cron,
        timezone=timezone,
        # A str of the parameters, one of the three that are allowed.
        overlap=overlap,  # type: ignore[arg-type]
        retries=3,
        retry_minutes=1.0,
    )


@pytest.mark.parametrize(
    ("cron", "calendar"),
    [
        ("30 2 * * *", "*-*-* 2:30:00 Asia/Shanghai"),
        ("*/15 1-5 * * 1-5", "Mon..Fri *-*-* 1..5:0/15:00 Asia/Shanghai"),
        ("0 0 1 */3 *", "*-1/3-1 0:0:00 Asia/Shanghai"),
        ("5 4 * * 0,6", "Sun,Sat *-*-* 4:5:00 Asia/Shanghai"),
    ],
)
def test_systemd_says_the_same(cron: str, calendar: str) -> None:
    assert on_calendar(schedule(cron)) == calendar
    analyze = shutil.which("systemd-analyze")
    if analyze:
        subprocess.run([analyze, "calendar", calendar], check=True, capture_output=True)


def test_either_of_two_days_is_nothing_for_systemd() -> None:
    with pytest.raises(Refusal, match=r"retrain\.schedule\.cron"):
        on_calendar(schedule("0 2 1 * 1"))


@pytest.mark.parametrize("cron", ["30 2 * * *", "0 9,21 * * *", "*/10 * * * *"])
def test_github_runs_at_the_same_moments_in_utc(cron: str) -> None:
    there = trigger(in_utc(schedule(cron)), "UTC")
    here = trigger(cron, "Asia/Shanghai")
    assert list(islice(following(there, NOW), 5)) == list(islice(following(here, NOW), 5))


@pytest.mark.parametrize(
    ("cron", "timezone"), [("0 2 * * *", "Europe/Berlin"), ("0 2 * * 1", "Asia/Shanghai")]
)
def test_hours_that_utc_cannot_say_are_refused(cron: str, timezone: str) -> None:
    with pytest.raises(Refusal, match="GitHub"):
        in_utc(schedule(cron, timezone))


def test_the_workflow_is_one_that_github_takes() -> None:
    [(name, text)] = files("github", schedule("30 2 * * *"), "/srv/p", "/srv/p/x").items()
    made = yaml.load(text, Loader=yaml.BaseLoader)
    assert name == "retrain.yml"
    assert made["on"]["schedule"] == [{"cron": "30 18 * * *"}]
    assert made["concurrency"]["cancel-in-progress"] == "false"
    assert made["jobs"]["retrain"]["steps"][-1]["run"].endswith("xuxie retrain")


@pytest.mark.parametrize(("overlap", "policy"), [("skip", "Forbid"), ("replace", "Replace")])
def test_the_cronjob_has_what_kubernetes_asks_for(overlap: str, policy: str) -> None:
    chosen = schedule("30 2 * * *", overlap=overlap)
    made = yaml.safe_load(files("kubernetes", chosen, "/project", "x")["cronjob.yaml"])
    assert (made["apiVersion"], made["kind"]) == ("batch/v1", "CronJob")
    spec = made["spec"]
    assert (spec["schedule"], spec["timeZone"]) == ("30 2 * * *", "Asia/Shanghai")
    assert spec["concurrencyPolicy"] == policy
    pod = spec["jobTemplate"]["spec"]["template"]["spec"]
    assert pod["restartPolicy"] == "Never"
    assert pod["containers"][0]["command"] == ["xuxie", "retrain"]
    mounted = {mount["name"] for mount in pod["containers"][0]["volumeMounts"]}
    assert mounted == {volume["name"] for volume in pod["volumes"]}


def test_the_crontab_and_the_unit_name_project_and_command(tmp_path: Path) -> None:
    folder = f"{tmp_path}/我们 的"
    line = files("cron", schedule("30 2 * * *"), folder, "/v/xuxie")["xuxie.crontab"]
    assert line.startswith("CRON_TZ=Asia/Shanghai\n30 2 * * * cd '")
    made = files("systemd", schedule("30 2 * * *"), folder, "/v/xuxie")
    assert f"WorkingDirectory={folder}" in made["xuxie-retrain.service"]
    assert "Persistent=true" in made["xuxie-retrain.timer"]
