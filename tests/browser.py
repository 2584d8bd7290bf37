"""Find the browser of the browser tests, or install it where one command does: Debian as root.

`python -m tests.browser` prepares; the tests ask `path()`.
"""

import os
import shutil
import subprocess
import sys

ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def path() -> str:
    """Return the browser's program, or ""."""
    given = os.environ.get("MJWEB_BROWSER", "")
    return given or next((found for name in NAMES if (found := shutil.which(name))), "")


def main() -> None:
    """Install Chromium if that can be done here without asking; say so when it can't."""
    if path() or os.environ.get("MJWEB_BROWSER"):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Chromium for the browser tests …", flush=True)
        quiet = {
            "stdout": subprocess.DEVNULL,
            "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        }
        subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"],
            check=False,
            **quiet,
        )
    if not path():
        print(
            "No Chromium or Chrome was found: the browser tests will be skipped. "
            "Install one, or name it in MJWEB_BROWSER.",
            file=sys.stderr,
        )


if __name__ == "__main__":
    main()
