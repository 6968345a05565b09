#!/usr/bin/env python3
"""Mixes broken records into an event file and writes down what it put where.

Usage: break.py [options] INPUT OUTPUT LEDGER

The events of INPUT all stay, in their order; a broken copy of one in so many is put in before it, its kind drawn at random. LEDGER is a
JSON document with the line (from 1) and the expected reject reason of each, so that a run over OUTPUT can be checked record by record.
The same seed makes the same files. Files may be gzipped.

Some kinds exist only under settings that forbid them, and are put in when an option says that the settings do: `--required carrier` for
`features.declared.carrier.required`, and so on. A record with a null value cannot stand in a file: with `--null-values` an empty line
stands for one, and whoever produces the records sends null for it.
"""

import argparse
import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import events

TOO_BIG = "1e400"  # beyond any double
TOO_DEEP = 64
DEPTH_LIMIT = 32


@dataclass(frozen=True)
class Kind:
    name: str
    reason: str
    make: Callable[[dict, random.Random], str]


def not_json(event: dict, chance: random.Random) -> str:
    text = events.line(event)
    return chance.choice(["hello", f"[{text}]", f"{text} {text}", text.replace(":", "=", 1), "\x00\x01\x02"])


def truncated(event: dict, chance: random.Random) -> str:
    text = events.line(event)
    return text[: chance.randrange(1, len(text))]


def without_label(event: dict, chance: random.Random) -> str:
    return events.line({name: value for name, value in event.items() if name != "label"})


def with_label(event: dict, chance: random.Random) -> str:
    return events.line({**event, "label": chance.choice(["maybe", [1], {"is": 1}])})


def number_beyond_double(event: dict, chance: random.Random) -> str:
    name = next((name for name, value in event["features"].items() if isinstance(value, (int, float))), "amount")
    text = events.line(with_feature(event, name, "@"))
    return text.replace(f"{json.dumps(name)}:\"@\"", f"{json.dumps(name)}:{TOO_BIG}", 1)


def too_deep(event: dict, chance: random.Random) -> str:
    nested: list = [1]
    for _ in range(TOO_DEEP):
        nested = [nested]
    return events.line(with_feature(event, "nested", nested))


def nothing_usable(event: dict, chance: random.Random) -> str:
    empty = chance.choice([{}, {name: None for name in event["features"]}])
    return events.line({**event, "features": empty})


def bad_time(event: dict, chance: random.Random) -> str:
    return events.line({**event, "ts": chance.choice(["soon", True, [0]])})


def bad_weight(event: dict, chance: random.Random) -> str:
    return events.line({**event, "weight": chance.choice([0, -1, "heavy"])})


def with_feature(event: dict, name: str, value: object) -> dict:
    return {**event, "features": {**event["features"], name: value}}


def without_feature(event: dict, name: str) -> dict:
    return {**event, "features": {other: value for other, value in event["features"].items() if other != name}}


def of_another_type(value: object) -> object:
    return "a word" if isinstance(value, (int, float)) else {"not": "flat"}


def kinds(options: argparse.Namespace) -> list[Kind]:
    # Without any feature a required one is missing too, and that is seen first.
    nothing = "required-field-missing" if options.required else "nothing-usable"
    chosen = [
        Kind("not JSON", "not-json", not_json),
        Kind("truncated", "not-json", truncated),
        Kind("no label", "label-missing", without_label),
        Kind("mistyped label", "label-mistyped", with_label),
        Kind("number beyond any double", "number-not-finite", number_beyond_double),
        Kind(f"nested deeper than {DEPTH_LIMIT}", "too-large", too_deep),
        Kind("no features", nothing, nothing_usable),
    ]
    if options.required:
        needed = options.required
        chosen.append(
            Kind("required field missing", "required-field-missing", lambda event, _: events.line(without_feature(event, needed)))
        )
    if options.number:
        ranged, beyond = options.number
        chosen.append(Kind("out of range", "number-out-of-range", lambda event, _: events.line(with_feature(event, ranged, beyond))))
    if options.declared:
        typed = options.declared
        chosen.append(
            Kind(
                "mistyped field",
                "field-mistyped",
                lambda event, _: events.line(with_feature(event, typed, of_another_type(event["features"].get(typed)))),
            )
        )
    if options.time:
        chosen.append(Kind("bad time", "time-invalid", bad_time))
    if options.weight:
        chosen.append(Kind("bad weight", "weight-invalid", bad_weight))
    if options.null_values:
        chosen.append(Kind("null value", "null-value", lambda event, _: ""))
    return chosen


def field_and_number(text: str) -> tuple[str, float]:
    field, _, beyond = text.partition("=")
    return field, events.number(beyond)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("input")
    parser.add_argument("output")
    parser.add_argument("ledger")
    parser.add_argument("--share", type=float, default=0.01, help="broken records per event (default 0.01)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--required", metavar="FIELD", help="a field that the settings require")
    parser.add_argument("--number", metavar="FIELD=VALUE", type=field_and_number, help="a declared number and a value out of its range")
    parser.add_argument("--declared", metavar="FIELD", help="a declared field, to be given another type")
    parser.add_argument("--time", action="store_true", help="the settings name the event's time, /ts")
    parser.add_argument("--weight", action="store_true", help="the settings name the importance weight, /weight")
    parser.add_argument("--null-values", action="store_true", help="put in empty lines that stand for null values")
    return parser.parse_args()


def main() -> None:
    options = arguments()
    chance = random.Random(options.seed)
    chosen = kinds(options)
    records = []
    line_number = 0
    count = 0
    with events.open_input(options.input) as source, events.open_output(options.output) as out:
        for text in source:
            if chance.random() < options.share:
                kind = chance.choice(chosen)
                line_number += 1
                out.write(kind.make(json.loads(text), chance) + "\n")
                records.append({"line": line_number, "kind": kind.name, "reason": kind.reason})
            out.write(text)
            line_number += 1
            count += 1
    ledger = {
        "events": count,
        "broken": len(records),
        "reasons": dict(sorted(Counter(record["reason"] for record in records).items())),
        "seed": options.seed,
        "records": records,
    }
    with open(options.ledger, "w", encoding="utf-8") as file:
        json.dump(ledger, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
