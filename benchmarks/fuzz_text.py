"""Feeds hypothesis' texts to the rules on text for as long as asked.

python benchmarks/fuzz_text.py --seconds 600 --seed 7

Checks, on arbitrary text and on text made of awkward pieces: no exception; normalising twice and
masking twice change nothing; find() stays within the text; a verdict does not depend on the batch.
"""

import argparse
import time
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings, strategies

from xuxie.clean.identifiers import Kind, Policy, find, masked
from xuxie.clean.judge import judged
from xuxie.clean.normalise import normaliser
from xuxie.config import check
from xuxie.params.compose import compose

PIECES = (
    "渡口 果园 第十一条 （一） 。 ， ；…… —— “ ” 「 」 《 》 ！ ？ ? ! , ; : ( ) . .. ... 　 \t"
    " \n \r\n \u2028 \u200b \u200d \ufeff \u202e \u0301 \x00 \x1b[31m 🙂 👩‍💻 𠀀 １３８ ＡＢ"
    " <b> </b> <script> &nbsp; &amp;lt; [url=x] 13812345678 一三八 11010519491231002X 6222 0000 @"
    " a@b.cn 192.168.1.1 ::1 微信号 身份证 电话 京A12345 http://甲.cn 版权所有 上一页 锟斤拷"
    " Ã¤ ä¸­ \ud7ff 臺灣 1e5 = + - "
).split(" ")
TEXTS = strategies.one_of(
    strategies.text(max_size=200),
    strategies.lists(strategies.sampled_from(PIECES), max_size=40).map("".join),
    strategies.lists(
        strategies.one_of(strategies.sampled_from(PIECES), strategies.text(max_size=5)), max_size=30
    ).map("".join),
)
CONF = Path(__file__).parents[1] / "conf"
EVERYTHING = dict.fromkeys(Kind, Policy.MASK)


def round_of(number: int, presets: list[str], examples: int) -> None:
    """One round of examples, each text under every preset."""
    chosen = [check(compose(CONF, [f"clean={preset}"])).clean for preset in presets]
    rules = [(normaliser(one.normalise), one.quality) for one in chosen]

    @seed(number)
    @settings(
        max_examples=examples,
        deadline=60_000,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    @given(texts=strategies.lists(TEXTS, min_size=1, max_size=3))
    def holds(texts: list[str]) -> None:
        for text in texts:
            spans = find(text)
            assert all(0 <= one.start < one.end <= len(text) for one in spans)
            safe = masked(text, EVERYTHING, ()).text
            assert masked(safe, EVERYTHING, ()).text == safe
        for normalise, quality in rules:
            regular = [normalise(text)[0] for text in texts]
            assert [normalise(text)[0] for text in regular] == regular
            together = judged(regular, quality).reasons
            assert [judged([text], quality).reasons[0] for text in regular] == together

    holds()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=20261124)
    parser.add_argument("--examples", type=int, default=2000, help="a round")
    options = parser.parse_args()
    until, rounds = time.monotonic() + options.seconds, 0
    while time.monotonic() < until:
        round_of(options.seed + rounds, ["default", "strict", "none"], options.examples)
        rounds += 1
    print(
        f"seed {options.seed}: {rounds} rounds of {options.examples} examples,"
        f" {options.seconds:.0f} s, nothing found"
    )


if __name__ == "__main__":
    main()
