"""`python -m bench [NAME]`: run one benchmark, or all of them."""

import subprocess
import sys
from pathlib import Path

from tests.support.processes import end_with_parent

FOLDER = Path(__file__).parent
NO_BENCHMARKS = {"measure"}  # figures of the code: `make measure`


def main() -> None:
    """Run what is asked for; without a name, everything."""
    end_with_parent()
    modules = {path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_")}
    known = sorted(modules - NO_BENCHMARKS)
    wanted = sys.argv[1:] or known
    if unknown := set(wanted) - set(known):
        sys.exit(
            f"There is no benchmark called {', '.join(unknown)}. There are: {', '.join(known)}."
        )
    for name in wanted:
        print(f"\n== {name}", flush=True)
        subprocess.run([sys.executable, "-m", f"bench.{name}"], check=True)


if __name__ == "__main__":
    main()
