"""How long the embedded engine takes, beside encoding alone and beside ffmpeg's zoompan.

Usage: python bench/animator.py [--runs N]. All three make 125 frames of 832×464 with the same x264
settings; the runs are interleaved, because the speed of a shared machine drifts. Only the plain
zoom is held against zoompan, which does nothing else.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from apps.animator.encode import COMMENT, OPTIONS, THREADS, encode  # noqa: E402
from apps.animator.engine import FRAMES, Motion, animate, scene_of  # noqa: E402
from apps.animator.render import frames_of  # noqa: E402
from apps.animator.warp import FPS  # noqa: E402

SIZE = (832, 464)
PHOTOS = ROOT / "apps" / "demo" / "pictures"
PROMPTS = ("", "zoom in", "push in, rain")


def main() -> None:
    """Print a table for people, then one line for machines."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--runs", type=int, default=5)
    runs = max(5, asked.parse_args().runs)
    print(
        f"{FRAMES} frames of {SIZE[0]}×{SIZE[1]}, x264 {OPTIONS}, "
        f"{THREADS} threads; {runs} runs, seconds"
    )
    print(
        f"{'picture':<16}{'prompt':<22}{'animate':>16}{'encode only':>16}"
        f"{'zoompan':>16}{'':>8}{'to':>9}"
    )
    print(f"{'':<38}" + f"{'median  min':>16}" * 3 + f"{'ratio':>8}{'zoompan':>9}")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted(PHOTOS.glob("*.jpg")):
            for prompt in PROMPTS:
                times = compare(path, prompt, Path(folder), runs)
                rows.append(times)
                print(f"{path.name[:15]:<16}{prompt or '(automatic)':<22}" + line_of(times))
    print(summary(rows))


def compare(path: Path, prompt: str, folder: Path, runs: int) -> dict[str, list[float]]:
    """Time ours, the floor and the rival in turns."""
    motion = Motion(prompt=prompt)
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
    if picture is None:
        sys.exit(f"{path} is not a picture.")
    frames = list(frames_of(scene_of(picture, SIZE, motion)))
    contenders: dict[str, Callable[[], object]] = {
        "ours": lambda: animate(picture, folder / "ours.mp4", size=SIZE, motion=motion),
        "floor": lambda: encode(frames, folder / "floor.mp4", SIZE),
    }
    if shutil.which("ffmpeg") and prompt == "zoom in":
        contenders["zoompan"] = lambda: zoompan(path, folder / "zoompan.mp4")
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for run in contenders.values():
        run()  # once for the caches
    for _ in range(runs):
        for name, run in contenders.items():
            start = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - start)
    return times


def zoompan(path: Path, target: Path) -> None:
    """Let ffmpeg zoom in on the picture: cover the frame, then 125 frames of its zoompan."""
    width, height = SIZE
    filters = (
        f"scale={width}:{height}:force_original_aspect_ratio=increase,crop={width}:{height},"
        f"zoompan=z='1+0.0006*on':x='iw/2-iw/zoom/2':y='ih/2-ih/zoom/2':d={FRAMES}:s={width}x{height}:fps={FPS}"
    )
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-y",
        "-i",
        str(path),
        "-vf",
        filters,
        "-frames:v",
        str(FRAMES),
    ]
    command += [
        "-c:v",
        "libx264",
        "-threads",
        str(THREADS),
        "-pix_fmt",
        "yuv420p",
        "-movflags",
        "+faststart",
    ]
    for option, value in OPTIONS.items():
        command += [f"-{option}", value]
    subprocess.run([*command, "-metadata", f"comment={COMMENT}", str(target)], check=True)


def line_of(times: dict[str, list[float]]) -> str:
    """Lay medians and minima side by side."""
    cells = ""
    for name in ("ours", "floor", "zoompan"):
        seen = times.get(name)
        cells += f"{statistics.median(seen):>10.2f} {min(seen):>5.2f}" if seen else f"{'–':>16}"
    cells += f"{ratio(times, 'floor'):>8.2f}"
    return cells + (f"{ratio(times, 'zoompan'):>9.2f}" if "zoompan" in times else "")


def ratio(times: dict[str, list[float]], rival: str) -> float:
    """Compare medians."""
    return statistics.median(times["ours"]) / statistics.median(times[rival])


def summary(rows: list[dict[str, list[float]]]) -> str:
    """Pool all rows into the line for machines."""
    ours = sorted(seconds for row in rows for seconds in row["ours"])
    p95 = ours[min(len(ours) - 1, round(0.95 * (len(ours) - 1)))]
    rival = statistics.median(seconds for row in rows for seconds in row["floor"])
    whole = statistics.median(ratio(row, "floor") for row in rows)
    line = (
        f"animator: p50={statistics.median(ours):.3f} p95={p95:.3f} "
        f"rival={rival:.3f} ratio={whole:.2f}"
    )
    zoomed = [ratio(row, "zoompan") for row in rows if "zoompan" in row]
    line += (
        f" zoompan_ratio={statistics.median(zoomed):.2f}" if zoomed else " (rival ffmpeg missing)"
    )
    return line


if __name__ == "__main__":
    main()
