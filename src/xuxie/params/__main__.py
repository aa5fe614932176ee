"""python -m xuxie.params --conf conf --out params.yaml"""

import sys

from xuxie.entry import exit_codes, parse_paths

if __name__ == "__main__":
    with exit_codes():
        from xuxie.params.stage import run

        run(**parse_paths(sys.argv[1:]))
