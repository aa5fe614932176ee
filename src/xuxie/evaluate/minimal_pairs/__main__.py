"""python -m xuxie.evaluate.minimal_pairs data/minimal_pairs.tsv: the list from the templates."""

import sys
from pathlib import Path

from xuxie.evaluate.minimal_pairs.pairs import write_pairs
from xuxie.evaluate.minimal_pairs.templates import generated

if __name__ == "__main__":
    write_pairs(Path(sys.argv[1]), generated())
