"""What is said when MLflow cannot be reached."""

from xuxie.errors import ExitCode, Refusal


def reason(error: Exception) -> str:
    """The first line of what a store or a network threw."""
    return (str(error).splitlines() or [type(error).__name__])[0]


def unreachable(error: Exception) -> Refusal:
    return Refusal(
        ExitCode.UNAVAILABLE,
        f"MLflow 无法使用（{reason(error)}）；请检查 MLFLOW_TRACKING_URI 后重试",
        f"MLflow cannot be used ({reason(error)}); check MLFLOW_TRACKING_URI and try again",
    )
