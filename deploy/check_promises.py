#!/usr/bin/env python3
"""What no schema says: promises that the deployment files make together. Prints each broken one; exits 1 if there is any."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

DEPLOY = Path(__file__).resolve().parent
ROOT = DEPLOY.parent


def documents(path: Path) -> list:
    return [document for document in yaml.safe_load_all(path.read_text(encoding="utf-8")) if document is not None]


def pod_specs() -> Iterator[tuple[str, dict]]:
    for path in sorted((DEPLOY / "kubernetes").glob("*.yaml")):
        for document in documents(path):
            if document["kind"] in ("Deployment", "Job"):
                yield f"{path.name}: {document['metadata']['name']}", document["spec"]["template"]["spec"]


def manifests_are_restricted() -> Iterator[str]:
    """The restricted pod security standard, and what goes beyond it: no token, no writable root, an unprivileged user, limits."""
    for name, pod in pod_specs():
        context = pod.get("securityContext", {})
        wanted = {
            "runAsNonRoot": context.get("runAsNonRoot") is True,
            "runAsUser 65532": context.get("runAsUser") == 65532,
            "seccompProfile RuntimeDefault": context.get("seccompProfile") == {"type": "RuntimeDefault"},
            "no service account token": pod.get("automountServiceAccountToken") is False,
            "no service links": pod.get("enableServiceLinks") is False,
            "no host path": all("hostPath" not in volume for volume in pod.get("volumes", [])),
            "no host network": not any(pod.get(key) for key in ("hostNetwork", "hostPID", "hostIPC")),
        }
        for container in pod["containers"]:
            own = container.get("securityContext", {})
            limits = container.get("resources", {}).get("limits", {})
            wanted |= {
                "allowPrivilegeEscalation false": own.get("allowPrivilegeEscalation") is False,
                "readOnlyRootFilesystem": own.get("readOnlyRootFilesystem") is True,
                "drop ALL": own.get("capabilities") == {"drop": ["ALL"]},
                "limits of cpu and memory": {"cpu", "memory"} <= limits.keys(),
                "a pinned image": re.search(r":[^:/]*\d", container["image"]) is not None,
                "no secret in a variable": not any("PASSWORD" in e["name"] and not e["name"].endswith("_FILE") for e in container["env"]),
            }
        yield from (f"{name}: lacks {what}" for what, holds in wanted.items() if not holds)


def compose_is_closed() -> Iterator[str]:
    services = documents(ROOT / "docker-compose.yml")[0]["services"]
    for name, service in services.items():
        for port in service.get("ports", []):
            if not str(port).startswith("127.0.0.1:"):
                yield f"docker-compose.yml: {name}: port {port} is open to other machines"
        if service["image"].startswith("freshet"):
            hardened = service.get("read_only") and service.get("cap_drop") == ["ALL"] and service.get("user") == "65532:65532"
            if not hardened:
                yield f"docker-compose.yml: {name}: is not read-only, without capabilities, and user 65532"
        elif not re.search(r":v?\d+\.\d+", service["image"]):
            yield f"docker-compose.yml: {name}: image {service['image']} is not pinned"


def alerts() -> list[dict]:
    groups = documents(DEPLOY / "prometheus" / "rules.yml")[0]["groups"]
    return [rule for group in groups for rule in group["rules"] if "alert" in rule]


def alerts_have_runbooks() -> Iterator[str]:
    for rule in alerts():
        page = rule.get("annotations", {}).get("runbook_url", "")
        if not page or not (ROOT / page).is_file():
            yield f"rules.yml: {rule['alert']}: there is no runbook '{page}'"
        if rule.get("labels", {}).get("severity") not in ("page", "ticket", "none"):
            yield f"rules.yml: {rule['alert']}: the severity is page or ticket"


def runbooks_are_complete() -> Iterator[str]:
    for path in sorted((DEPLOY / "runbooks").glob("*.md")):
        if path.name == "README.md":
            continue
        text = path.read_text(encoding="utf-8")
        for heading in ("## What it means", "## What to look at", "## What to run"):
            if heading not in text:
                yield f"{path.name}: lacks '{heading}'"


def alerts_are_tested() -> Iterator[str]:
    """Every alert is shown firing, and (but for the one that always fires) shown quiet."""
    fired, quiet = set(), set()
    for test in documents(DEPLOY / "prometheus" / "rules_test.yml")[0]["tests"]:
        for case in test.get("alert_rule_test", []):
            (fired if case["exp_alerts"] else quiet).add(case["alertname"])
    names = {rule["alert"] for rule in alerts()}
    yield from (f"rules_test.yml: {name} is never shown firing" for name in sorted(names - fired))
    yield from (f"rules_test.yml: {name} is never shown quiet" for name in sorted(names - quiet - {"DeadMansSwitch"}))


def dashboard_is_sound() -> Iterator[str]:
    dashboard = json.loads((DEPLOY / "grafana" / "freshet.json").read_text(encoding="utf-8"))
    sources = {source["uid"] for source in documents(DEPLOY / "grafana" / "datasource.yml")[0]["datasources"]}
    places = set()
    for panel in dashboard["panels"]:
        place = (panel["gridPos"]["x"], panel["gridPos"]["y"])
        if place in places:
            yield f"freshet.json: {panel['title']}: lies on another panel"
        places.add(place)
        if panel["datasource"]["uid"] not in sources:
            yield f"freshet.json: {panel['title']}: no such data source"


def main() -> int:
    promises = (
        manifests_are_restricted, compose_is_closed, alerts_have_runbooks, runbooks_are_complete, alerts_are_tested, dashboard_is_sound,
    )
    broken = [line for promise in promises for line in promise()]
    print("\n".join(broken))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
