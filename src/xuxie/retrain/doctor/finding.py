"""What the doctor found, in a line for a person."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """
    mended: it is as it should be now; otherwise a person must act.
    """

    chinese: str
    english: str
    mended: bool

    def line(self) -> str:
        mark = "已修复 mended" if self.mended else "需要处理 to do"
        return f"{mark}：{self.chinese} | {self.english}"
