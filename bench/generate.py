"""How much code one Generate passes: files and functions of `apps/`, from POST to a playable clip.

The whole product runs, and each of its processes notes the functions it calls (bench/_trace). The
second order is counted, so that nothing is counted that runs only once after a start.
"""

import re
import tempfile
from pathlib import Path

from tests.support.people import Browser
from tests.support.processes import end_with_parent
from tests.support.stack import Stack, installation, until

TRACE = Path(__file__).parent / "_trace"
LEAST_FUNCTIONS = 100  # fewer were not traced in every process


def main() -> None:
    """Trace one order and print the figure."""
    end_with_parent()
    with tempfile.TemporaryDirectory(prefix="mjweb-bench-") as folder:
        data = Path(folder) / "var"
        flag = Path(folder) / "flag"
        calls = Path(folder) / "calls"
        flag.write_bytes(b"\0")
        calls.touch()
        with installation(data, PYTHONPATH=str(TRACE), MJWEB_TRACE=folder) as stack:
            stack.start()
            saved = {"saved"}
            until(stack.states, lambda states: set(states) == saved, what="the demo's first jobs")
            person = Browser(stack.url).sign_in("creator@mjweb.example")
            generate(stack, person, flag=None)
            generate(stack, person, flag=flag)
        functions = set(calls.read_text().splitlines())
    files = {line.partition(" ")[0] for line in functions}
    assert len(functions) >= LEAST_FUNCTIONS, functions
    print("\n".join(sorted(functions)))
    print(f"generate: files={len(files)} functions={len(functions)}")


def generate(stack: Stack, person: Browser, flag: Path | None) -> None:
    """Order a clip, wait until it is saved, and ask for its video; trace it if there is a flag."""
    form = person.order_form()
    if flag:
        raise_flag(flag, up=True)
    job = person.post("/jobs/new/", form).headers["Location"]
    until(stack.states, lambda states: set(states) == {"saved"}, what="the clip")
    if flag:
        raise_flag(flag, up=False)
    clip = re.findall(r"/clips/([0-9a-f-]{36})/", person.get(job).text)[0]
    if flag:
        raise_flag(flag, up=True)
    answer = person.get(f"/clips/{clip}/video", headers={"Range": "bytes=0-65535"})
    assert answer.status_code == 206, answer.status_code
    if flag:
        raise_flag(flag, up=False)


def raise_flag(flag: Path, *, up: bool) -> None:
    """Tell every process whether to trace: they all see this byte."""
    with flag.open("r+b") as file:
        file.write(b"\1" if up else b"\0")


if __name__ == "__main__":
    main()
