"""What is said when MLflow cannot be reached."""

from xuxie.errors import ExitCode, Refusal, first_line


def unreachable(error: Exception) -> Refusal:
    return Refusal(
        ExitCode.UNAVAILABLE,
        f"MLflow 无法使用（{first_line(error)}）；请检查 MLFLOW_TRACKING_URI 后重试",
        f"MLflow cannot be used ({first_line(error)}); check MLFLOW_TRACKING_URI and try again",
    )
