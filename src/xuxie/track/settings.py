"""Under which names runs and models appear in MLflow. No stage's output depends on them."""

from typing import Annotated

from pydantic import Field

from xuxie.section import Section

Name = Annotated[str, Field(pattern=r"^[^/:.%\"']+$")]


class TrackSettings(Section):
    """
    enabled: false keeps MLflow out; the outputs of the stages stay the same.
    experiment, model: names of the experiment and of the registered model.
    """

    enabled: bool
    experiment: Name
    model: Name
