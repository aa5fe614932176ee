"""Under which names runs and models appear in MLflow. No stage's output depends on them."""

from typing import Annotated

from pydantic import Field

from xuxie.section import Section

Name = Annotated[str, Field(pattern=r"^[^/:.%\"']+$")]
Price = Annotated[float, Field(ge=0)]


class TrackSettings(Section):
    """
    enabled: false keeps MLflow out; the outputs of the stages stay the same.
    experiment, model: names of the experiment and of the registered model.
    price_per_cpu_hour, price_per_gpu_hour: of one core and one GPU; null leaves money out.
    currency: its sign in the metric's name, cost/CNY say.
    """

    enabled: bool
    experiment: Name
    model: Name
    price_per_cpu_hour: Price | None
    price_per_gpu_hour: Price | None
    currency: Annotated[str, Field(pattern=r"^[A-Za-z]+$")]
