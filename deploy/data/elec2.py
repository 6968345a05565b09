#!/usr/bin/env python3
"""The electricity market of New South Wales as labelled events: will the price go up?

Usage: elec2.py [OUTPUT]     (default elec2.jsonl.gz; - for standard output)

45,312 half hours from May 1996 to December 1998 with strong drift (Harries 1999), read from the source archive of the PyPI package
scikit-multiflow 0.4.1, which is not built. `ts` is in milliseconds since 1970.
"""

import csv
import io
import sys
from collections.abc import Iterator

import events
import sdist

FIRST = 831_427_200_000  # 7 May 1996, midnight
HALF_HOUR = 30 * 60 * 1000
NAMES = ("period", "nswprice", "nswdemand", "vicprice", "vicdemand", "transfer")


def half_hours() -> Iterator[dict]:
    with sdist.fetch("scikit-multiflow", "0.4.1", metadata_needs=("numpy", "setuptools<81", "wheel")) as archive:
        table = archive.extractfile("scikit-multiflow-0.4.1/src/skmultiflow/data/datasets/elec.csv")
        for index, row in enumerate(csv.DictReader(io.TextIOWrapper(table, encoding="utf-8"))):
            values = [events.number(row[f"feat_{column}"]) for column in range(1, 7)]
            yield {"ts": FIRST + HALF_HOUR * index, "label": int(row["target"]), "features": dict(zip(NAMES, values))}


def main() -> None:
    output = sys.argv[1] if len(sys.argv) > 1 else "elec2.jsonl.gz"
    count = events.write(output, half_hours())
    print(f"{count} half hours written to {output}", file=sys.stderr)


if __name__ == "__main__":
    main()
