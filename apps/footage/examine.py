"""Everything about a clip from one decode: its facts, poster and sprite."""

from pathlib import Path

from apps.footage.probing import ClipFacts, facts_of
from apps.footage.stills import Stills, StillsMaker
from apps.footage.video_reader import open_video


def examine(path: Path) -> tuple[ClipFacts, Stills]:
    """Return a video's facts and stills; raises `BadClip` unless it is complete and playable."""
    with open_video(path) as video:
        maker = StillsMaker(video)
        for frame in video.frames():
            maker.add(frame)
        return facts_of(video, path), maker.finish()
