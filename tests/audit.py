"""The second half of `make audit`: ask an advisory database about every version that is pinned.

Not every machine can reach one. Where none answers, this says so in a line and passes: what was not
command is not a finding, and not a clean bill either.
"""

import json
import subprocess
import sys
from pathlib import Path

PINS = ("requirements/base.txt", "requirements/dev.txt")
# Known and looked into: the advisory's number, and why it does not touch us.
EXPLAINED: dict[str, str] = {}


def audited_packages(pins: str, service: str) -> list[dict]:
    """Return what one database says of every pin, [] where it does not answer."""
    command = [
        Path(sys.executable).with_name("pip-audit"),
        "-r",
        pins,
        "--disable-pip",
        "--require-hashes",
    ]
    answer = subprocess.run(
        [*command, "-f", "json", "-s", service, "--timeout", "5", "--progress-spinner", "off"],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        packages = json.loads(answer.stdout)["dependencies"]
    except (ValueError, KeyError):
        return []
    return [package for package in packages if "vulns" in package]


def findings(packages: list[dict]) -> list[str]:
    """Return a line for each hole that nobody has explained."""
    return [
        f"{package['name']} {package['version']}: {hole['id']}, "
        f"fixed in {', '.join(hole['fix_versions']) or '–'}"
        for package in packages
        for hole in package["vulns"]
        if not {hole["id"], *hole.get("aliases", [])} & EXPLAINED.keys()
    ]


def main() -> int:
    """Audit the pins of the product and of its tools."""
    for pins in PINS:
        packages = audited_packages(pins, "pypi") or audited_packages(pins, "osv")
        if not packages:
            print(
                "pip-audit: no advisory database answers from this machine, "
                "so no pinned version was checked."
            )
            return 0
        for line in (found := findings(packages)):
            print(f"pip-audit: {pins}: {line}")
        if found:
            return 1
        print(f"pip-audit: {pins}: {len(packages)} versions checked, nothing known against them.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
