"""`make access`: every role requests every URL; the last line says what got through."""

import sys

import pytest


class Ledger:
    """Adds up what the tests of access hand in, whichever process they ran in."""

    def __init__(self) -> None:
        self.urls: set[str] = set()
        self.checks = self.leaks = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take in the figures of one test."""
        for key, value in report.user_properties if report.when == "call" else ():
            if key == "access":
                name, checks, leaks = value
                self.urls |= {name} if name else set()
                self.checks += checks
                self.leaks += leaks


def main() -> int:
    """Run the tests of access; arguments go to pytest."""
    ledger = Ledger()
    wanted = [
        "-n",
        "2",
        "--dist",
        "loadgroup",
        "-q",
        "tests/architecture/test_access.py",
        *sys.argv[1:],
    ]
    code = int(pytest.main(wanted, plugins=[ledger]))
    print(f"access: urls={len(ledger.urls)} checks={ledger.checks} leaks={ledger.leaks}")
    return code or int(ledger.leaks > 0 or ledger.checks == 0)


if __name__ == "__main__":
    sys.exit(main())
