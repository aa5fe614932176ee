"""What every room's settings have in common: strict types, frozen values, no unknown keys."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A section of params.yaml. Values live in conf/ only: no field has a default."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
