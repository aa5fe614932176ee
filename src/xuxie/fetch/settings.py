"""What `fetch` may be told: which pinned packages, which part of them, which pretrained model."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from xuxie.section import Section

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


def regular_expression(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"a regular expression ({error})") from None
    return pattern


class Package(Section):
    """One file of a package index, named by its hash; it is read, never installed."""

    name: Name
    version: Name
    sha256: Sha256


class Statutes(Section):
    """Articles of the laws of the PRC: of these statuses, of laws whose name matches `names`."""

    package: Package
    statuses: Annotated[list[str], Field(min_length=1)]
    names: Annotated[str, AfterValidator(regular_expression)]


class Reviews(Section):
    """Shopping reviews, one a line."""

    package: Package


class Pretrained(Section):
    """A causal language model to start from.

    kind `folder`: a transformers directory at models/start/NAME; kind `hub`: a model hub's name, at
    `revision`; kind `package`: the GGUF file of `package` whose name ends with NAME.
    """

    kind: Literal["none", "folder", "hub", "package"]
    name: Annotated[
        str, Field(pattern=r"^$|^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?$")
    ]
    revision: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    package: Package | None

    @model_validator(mode="after")
    def a_package_is_named_where_it_is_wanted(self) -> Self:
        if (self.kind == "package") != (self.package is not None):
            raise ValueError("fetch.pretrained.kind=package <=> fetch.pretrained.package != null")
        return self


class FetchSettings(Section):
    statutes: Statutes | None
    reviews: Reviews | None
    pretrained: Pretrained
