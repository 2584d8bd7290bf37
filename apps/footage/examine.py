"""All there is to learn about a clip, from one decode: what saving a clip calls."""

from pathlib import Path

from apps.footage.probing import ClipFacts, facts_of
from apps.footage.stills import Stills, StillsMaker
from apps.footage.video_reader import open_video


def examine(path: Path) -> tuple[ClipFacts, Stills]:
    """Say what a video is and draw its stills; raises `BadClip` unless it is whole and playable."""
    with open_video(path) as video:
        maker = StillsMaker(video)
        for frame in video.frames():
            maker.see(frame)
        return facts_of(video, path), maker.finish()
