"""What is said when MLflow cannot be reached, and what no waiting will mend."""

import re

from xuxie.errors import ExitCode, Refusal, first_line

# A value MLflow does not take, a run that somebody deleted.
NEVER = {"INVALID_PARAMETER_VALUE", "RESOURCE_DOES_NOT_EXIST"}


class Missing(Exception):
    """A file of the log is gone."""


def hopeless(error: Exception) -> bool:
    """Whether the same request can only be refused again."""
    return isinstance(error, Missing) or getattr(error, "error_code", "") in NEVER


def unreachable(error: Exception) -> Refusal:
    reason = said(error)
    return Refusal(
        ExitCode.UNAVAILABLE,
        f"MLflow 无法使用（{reason}）；请检查 MLFLOW_TRACKING_URI 后重试",
        f"MLflow cannot be used ({reason}); check MLFLOW_TRACKING_URI and try again",
    )


def said(error: Exception) -> str:
    """An error in one line, without the name and password that an address in it may hold."""
    return without_credentials(first_line(error))


def without_credentials(text: str) -> str:
    return re.sub(r"//[^/\s@]*@", "//***@", text)
