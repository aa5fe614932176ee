"""Where and how wide dataframe plans run. No output depends on it."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from xuxie.section import Section


class EngineSettings(Section):
    """
    kind: `native` runs in this machine's processes, `ray` on a Ray cluster.
    address: of the cluster, as `ray.init` takes it (`auto`, `host:6379`, `ray://host:10001`).
        Workers need the project folder under the same path.
    workers: processes that work on text at the same time.
    memory_mib: what a plan may use; it works on less text at a time rather than use more.
    attempts: how often a plan is begun anew when the cluster loses a machine.
    """

    kind: Literal["native", "ray"]
    address: str
    workers: Annotated[int, Field(ge=1, le=1024)]
    memory_mib: Annotated[int, Field(ge=512)]
    attempts: Annotated[int, Field(ge=1, le=10)]

    @model_validator(mode="after")
    def a_cluster_has_an_address(self) -> Self:
        if (self.kind == "ray") != bool(self.address):
            raise ValueError("engine.address != '' only with engine.kind = ray")
        return self
