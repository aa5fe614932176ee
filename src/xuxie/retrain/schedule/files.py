"""The same times for a scheduler that is there already: systemd, cron, GitHub, Kubernetes."""

import re
import shlex
from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import yaml

from xuxie.errors import Refusal, bad_parameters
from xuxie.retrain.schedule.cron import by_name, fields
from xuxie.retrain.settings import Schedule

# A training may be long; what hangs for longer than a day will not end.
DEADLINE = timedelta(days=1)
# Of the environment, what a retraining may need and no file may hold.
SECRETS = ("XUXIE_NOTIFY_URLS", "MLFLOW_TRACKING_URI")


def files(kind: str, settings: Schedule, project: str, command: str) -> dict[str, str]:
    """File name -> text.

    Args:
        project, command: where it runs, and the whole path of `xuxie`.

    Raises:
        Refusal: (exit code 64) this scheduler cannot say what the expression says.
    """
    match kind:
        case "systemd":
            return systemd(settings, project, command)
        case "cron":
            return {"xuxie.crontab": crontab(settings, project, command)}
        case "github":
            return {"retrain.yml": github(settings)}
        case _:
            return {"cronjob.yaml": kubernetes(settings, project)}


def systemd(settings: Schedule, project: str, command: str) -> dict[str, str]:
    service = f"""[Unit]
Description=xuxie retrain
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
WorkingDirectory={project}
Environment=XUXIE_TRIGGER=systemd
EnvironmentFile=-{project}/.env
ExecStart={command} retrain
TimeoutStartSec={int(DEADLINE.total_seconds())}
TimeoutStopSec=120
Nice=10
"""
    timer = f"""[Unit]
Description=when xuxie retrains

[Timer]
OnCalendar={on_calendar(settings)}
Persistent=true

[Install]
WantedBy=timers.target
"""
    return {"xuxie-retrain.service": service, "xuxie-retrain.timer": timer}


def on_calendar(settings: Schedule) -> str:
    """systemd.time(7): `Mon,Wed *-*-* 02:30:00 Asia/Shanghai`."""
    minute, hour, day, month, weekday = fields(settings.cron)
    if day != "*" and weekday != "*":
        # Either is enough for cron, both are needed for systemd.
        raise cannot("systemd", settings.cron)
    names = "" if weekday == "*" else by_name(weekday).title().replace("-", "..") + " "
    date = f"*-{calendar(month, 1)}-{calendar(day, 1)}"
    return f"{names}{date} {calendar(hour, 0)}:{calendar(minute, 0)}:00 {settings.timezone}"


def calendar(field: str, first: int) -> str:
    """A field of numbers: ranges by two dots, steps from the first value on."""
    return re.sub(r"\*(?=/)", str(first), field).replace("-", "..")


def crontab(settings: Schedule, project: str, command: str) -> str:
    inside = f"cd {shlex.quote(project)} && XUXIE_TRIGGER=cron {shlex.quote(command)} retrain"
    return f"CRON_TZ={settings.timezone}\n{settings.cron} {inside} >> runs/retrain-cron.log 2>&1\n"


def github(settings: Schedule) -> str:
    """GitHub counts in UTC. The checkout is a new one each time: data and champion come by DVC."""
    steps = [
        {"uses": "actions/checkout@v4", "with": {"fetch-depth": 0}},
        {"uses": "actions/setup-python@v5", "with": {"python-version": "3.11"}},
        {"uses": "actions/cache@v4", "with": {"path": "runs", "key": "xuxie-runs"}},
        {"run": "make setup && .venv/bin/dvc pull --allow-missing"},
        {"run": ".venv/bin/xuxie retrain", "env": secrets_of_github()},
    ]
    job = {"runs-on": "ubuntu-latest", "timeout-minutes": 360, "steps": steps}
    workflow = {
        "name": "retrain",
        "on": {"schedule": [{"cron": in_utc(settings)}], "workflow_dispatch": {}},
        "concurrency": {"group": "xuxie-retrain", "cancel-in-progress": False},
        "permissions": {"contents": "write"},
        "jobs": {"retrain": job},
    }
    return dumped(workflow)


def secrets_of_github() -> dict[str, str]:
    own = {name: f"${{{{ secrets.{name} }}}}" for name in SECRETS}
    return own | {"XUXIE_TRIGGER": "github"}


def in_utc(settings: Schedule) -> str:
    """The expression in UTC, where that is possible: plain hours of every day, no daylight saving.

    Raises:
        Refusal: the hours of another zone cannot be told in UTC.
    """
    minute, hour, day, month, weekday = fields(settings.cron)
    summer, winter = (offset(settings.timezone, m) for m in (7, 1))
    if hour == "*" or not (summer or winter):
        return settings.cron
    plain = re.fullmatch(r"\d+(,\d+)*", hour) and (day, month, weekday) == ("*", "*", "*")
    if not plain or summer != winter or summer.total_seconds() % 3600:
        raise cannot("GitHub (UTC)", settings.cron)
    shift = int(summer.total_seconds() // 3600)
    hours = sorted((int(value) - shift) % 24 for value in hour.split(","))
    return f"{minute} {','.join(map(str, hours))} * * *"


def offset(timezone: str, month: int) -> timedelta:
    return datetime(2026, month, 1, tzinfo=ZoneInfo(timezone)).utcoffset() or timedelta()


def kubernetes(settings: Schedule, project: str) -> str:
    container = {
        "name": "retrain",
        "image": "REGISTRY/xuxie:TAG",
        "workingDir": project,
        "command": ["xuxie", "retrain"],
        "env": [{"name": "XUXIE_TRIGGER", "value": "kubernetes"}],
        "envFrom": [{"secretRef": {"name": "xuxie", "optional": True}}],
        "volumeMounts": [{"name": "project", "mountPath": project}],
    }
    volume = {"name": "project", "persistentVolumeClaim": {"claimName": "xuxie-project"}}
    # A stop has two minutes to save the training.
    pod = {
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": 120,
        "containers": [container],
        "volumes": [volume],
    }
    job = {
        "backoffLimit": settings.retries,
        "activeDeadlineSeconds": int(DEADLINE.total_seconds()),
        "template": {"spec": pod},
    }
    policy = {"skip": "Forbid", "queue": "Forbid", "replace": "Replace"}[settings.overlap]
    spec = {
        "schedule": settings.cron,
        "timeZone": settings.timezone,
        "concurrencyPolicy": policy,
        "startingDeadlineSeconds": 3600,
        "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 3,
        "jobTemplate": {"spec": job},
    }
    head = {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "xuxie-retrain"}}
    return dumped(head | {"spec": spec})


def dumped(value: Mapping[str, object]) -> str:
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True)


def cannot(who: str, expression: str) -> Refusal:
    return bad_parameters(
        f"retrain.schedule.cron: {who} 表达不了 {expression!r}；请换一个更简单的表达式",
        f"retrain.schedule.cron: {who} cannot say {expression!r}; choose a simpler expression",
    )
