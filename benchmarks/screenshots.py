"""Look at a report in a real browser: pictures of it, and proof that no script of its texts ran.

    python benchmarks/screenshots.py reports/clean.html OUT_FOLDER

Needs Chromium and a font with Chinese (Debian: `apt-get install chromium fonts-noto-cjk`). It
writes light.png, dark.png, narrow.png (400 px wide) and print.pdf. Payloads in hostile texts set
`document.title`, so the title must still be the page's own; a control page with a script of ours
shows first that this browser would have run one.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from html import escape
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
TITLE = re.compile("<title>(.*?)</title>", re.DOTALL)
NARROW = 400
# Virtual time in which a script would have had its chance, in milliseconds.
BUDGET = 2000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("page", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--height", type=int, default=6000, help="of the pictures, in pixels")
    arguments = parser.parse_args()
    browser = next(filter(None, map(shutil.which, NAMES)), None)
    if browser is None:
        parser.error(f"no browser: looked for {', '.join(NAMES)}")
    arguments.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        take(browser, arguments.page.resolve(), arguments.out, arguments.height, Path(scratch))
        return inert(browser, arguments.page.resolve(), Path(scratch))


def take(browser: str, page: Path, out: Path, height: int, scratch: Path) -> None:
    """The pictures. No window is narrower than 500 px, so a frame stands in for a telephone."""
    frame = scratch / "narrow.html"
    frame.write_text(
        f'<body style="margin:0"><iframe src="{escape(page.as_uri())}" width="{NARROW}" '
        f'height="{height}" style="border:0"></iframe>'
    )
    light = "--blink-settings=preferredColorScheme=1"
    dark = "--blink-settings=preferredColorScheme=0"
    for name, target, width, look in (
        ("light", page, 1200, light),
        ("dark", page, 1200, dark),
        ("narrow", frame, 500, light),
    ):
        picture = f"--screenshot={(out / name).resolve()}.png"
        run(browser, scratch, picture, f"--window-size={width},{height}", look, target.as_uri())
    printed = f"--print-to-pdf={(out / 'print.pdf').resolve()}"
    run(browser, scratch, printed, "--no-pdf-header-footer", page.as_uri())


def inert(browser: str, page: Path, scratch: Path) -> int:
    """0 if the title is the page's own after scripts had their chance, and scripts can run here."""
    control = scratch / "control.html"
    control.write_text("<title>still</title><script>document.title = 'ran'</script>")
    if title(run(browser, scratch, "--dump-dom", control.as_uri())) != "ran":
        sys.exit("this browser runs no scripts: it proves nothing")
    dom = run(browser, scratch, "--dump-dom", page.as_uri())
    expected, found = title(page.read_text(encoding="utf-8")), title(dom)
    scripts = dom.count("<script")
    print(f"title {found!r}, expected {expected!r}; script elements: {scripts}")
    return int(found != expected or scripts > 0)


def title(html: str) -> str:
    match = TITLE.search(html)
    return match.group(1) if match else ""


def run(browser: str, scratch: Path, *arguments: str) -> str:
    """Chromium's standard output. Without a sandbox, because containers have none to offer."""
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    options += [f"--user-data-dir={scratch / 'profile'}", f"--virtual-time-budget={BUDGET}"]
    done = subprocess.run(
        [browser, *options, *arguments], capture_output=True, text=True, timeout=120, check=True
    )
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
