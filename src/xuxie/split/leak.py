"""Whether any text or group stands on two sides of the wall between the splits."""

from xuxie.errors import bad_data
from xuxie.split.assign import Part
from xuxie.store.records import Document, content_id


class LeakCheck:
    """Remembers where every text and group went; 16 bytes of hash a document are kept."""

    def __init__(self) -> None:
        self.sides: dict[bytes, tuple[Part, str]] = {}

    def add(self, document: Document, part: Part) -> None:
        """Note that `document` goes to `part`.

        Raises:
            Refusal: its text or its group already stands in another split.
        """
        for key in (f"text\0{document.text}", f"group\0{document.group}"):
            digest = bytes.fromhex(content_id(key))
            side, origin = self.sides.setdefault(digest, (part, document.origin))
            if side is not part:
                raise bad_data(
                    f"泄漏：{document.origin}（{part}）与 {origin}（{side}）相同；"
                    "请设 clean.deduplicate=true",
                    f"leak: {document.origin} ({part}) equals {origin} ({side}); "
                    "set clean.deduplicate=true",
                )
