"""How an event file is written: one JSON object a line, numbers as short as they can be, gzipped when the name says so."""

import gzip
import io
import json
import sys
from collections.abc import Iterable
from typing import TextIO


def number(text: str) -> int | float:
    """A number without a needless `.0`."""
    value = float(text)
    return int(value) if value.is_integer() else value


def line(event: dict) -> str:
    return json.dumps(event, separators=(",", ":"), ensure_ascii=False)


def open_input(path: str) -> TextIO:
    """Text lines; bytes that are no UTF-8 survive a round trip."""
    opener = gzip.open if path.endswith(".gz") else open
    return opener(path, "rt", encoding="utf-8", errors="surrogateescape", newline="\n")


def open_output(path: str) -> TextIO:
    if path == "-":
        return sys.stdout
    if not path.endswith(".gz"):
        return open(path, "w", encoding="utf-8", errors="surrogateescape", newline="\n")
    # No time of writing inside, so that the same events make the same bytes.
    packed = gzip.GzipFile(path, mode="wb", mtime=0)
    return io.TextIOWrapper(packed, encoding="utf-8", errors="surrogateescape", newline="\n")


def write(path: str, events: Iterable[dict]) -> int:
    """Writes the events to a file, or to standard output for `-`, and returns how many there were."""
    out = open_output(path)
    count = 0
    for event in events:
        out.write(line(event) + "\n")
        count += 1
    if path == "-":
        out.flush()
    else:
        out.close()
    return count
