"""Print what a list of Home Assistant integrations and their dependencies require."""

import json
import sys
from pathlib import Path


def requirements(components: Path, wanted: list[str]) -> set[str]:
    """Follow the manifests' dependencies and collect their requirements."""
    seen: set[str] = set()
    found: set[str] = set()
    while wanted:
        domain = wanted.pop()
        if domain in seen:
            continue
        seen.add(domain)
        manifest = json.loads((components / domain / "manifest.json").read_text())
        wanted += manifest.get("dependencies", [])
        found.update(manifest.get("requirements", []))
    return found


def main() -> None:
    """Take the folder of a Home Assistant package and a list of domains."""
    package, domains = Path(sys.argv[1]), Path(sys.argv[2])
    names = [line.strip() for line in domains.read_text().splitlines() if line[:1].isalpha()]
    print("\n".join(sorted(requirements(package / "components", names))))


if __name__ == "__main__":
    main()
