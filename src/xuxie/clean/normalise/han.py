"""Character classes of Chinese text, as the insides of regular expression sets."""

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af〇々"
OPENING = "《〈【「『（“‘"
CLOSING = "》〉】」』）”’"
POINTS = "，。！？；：、"
ODD_SPACES = "\t\u00a0\u1680\u2000-\u200a\u202f\u205f"
