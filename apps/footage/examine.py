"""All there is to learn about a clip, from one decode: what saving a clip calls."""

from pathlib import Path

from apps.footage.clips import ClipFacts, facts_of
from apps.footage.reels import open_reel
from apps.footage.stills import Stills, StillsArtist


def examine(path: Path) -> tuple[ClipFacts, Stills]:
    """Say what a video is and draw its stills; raises `BadClip` unless it is whole and playable."""
    with open_reel(path) as reel:
        artist = StillsArtist(reel)
        for frame in reel.frames():
            artist.see(frame)
        return facts_of(reel, path), artist.finish()
