"""Still pictures of a clip: a poster, and a sprite for previews under the pointer."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame

from apps.footage.pictures import webp
from apps.footage.pixels import Pixels
from apps.footage.rgb import quarter_turns, upright
from apps.footage.video_reader import VideoReader, open_video

TILES = 25
TILE_WIDTH = 256
# A frame with less spread of brightness is blank, such as the start of a fade from black.
_BLANK_BELOW = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stills:
    """A poster of full size, and a sprite of tiles in rows from top to bottom; both WebP."""

    poster: bytes
    sprite: bytes
    columns: int
    rows: int
    tile_width: int
    tile_height: int


def make_stills(path: Path, *, tiles: int = TILES, tile_width: int = TILE_WIDTH) -> Stills:
    """Return poster and sprite of a video, decoding it once."""
    with open_video(path) as video:
        maker = StillsMaker(video, tiles=tiles, tile_width=tile_width)
        for frame in video.frames():
            maker.add(frame)
        return maker.finish()


class StillsMaker:
    """Selects frames for the stills while a video is decoded."""

    def __init__(
        self, video: VideoReader, *, tiles: int = TILES, tile_width: int = TILE_WIDTH
    ) -> None:
        self._width = tile_width
        self._columns = math.ceil(math.sqrt(tiles))
        self._rows = math.ceil(tiles / self._columns)
        self._tile_frames = [tile * video.length // tiles for tile in range(tiles)]
        self._frames_added = 0
        self._tiles: list[Pixels] = []
        self._poster: Pixels | None = None
        self._poster_is_blank = True

    def add(self, frame: VideoFrame) -> None:
        """Add the next frame, if a tile shows it."""
        times = self._tile_frames.count(self._frames_added)
        self._frames_added += 1
        if not times:
            return
        tile = self._tile(frame)
        self._tiles += [tile] * times
        if self._poster_is_blank:
            self._update_poster(frame, tile)

    def finish(self) -> Stills:
        """Encode poster and sprite."""
        # A decoder may skip the last frames that the packets announced.
        missing = len(self._tile_frames) - len(self._tiles)
        tiles = self._tiles + self._tiles[-1:] * missing
        height, width = tiles[0].shape[:2]
        grid = np.zeros((self._rows * height, self._columns * width, 3), np.uint8)
        for at, tile in enumerate(tiles):
            y = at // self._columns * height
            x = at % self._columns * width
            grid[y : y + height, x : x + width] = tile
        assert self._poster is not None  # noqa: S101  # the first frame is always a poster
        return Stills(
            poster=webp(self._poster, method=2),
            sprite=webp(grid, quality=72, method=2),
            columns=self._columns,
            rows=self._rows,
            tile_width=width,
            tile_height=height,
        )

    def _update_poster(self, frame: VideoFrame, tile: Pixels) -> None:
        blank = float(tile.std()) < _BLANK_BELOW
        if self._poster is None or not blank:
            self._poster = upright(frame)
            self._poster_is_blank = blank

    def _tile(self, frame: VideoFrame) -> Pixels:
        if quarter_turns(frame) % 2:
            across = max(2, round(self._width * frame.width / frame.height))
            return upright(frame, width=across, height=self._width)
        along = max(2, round(self._width * frame.height / frame.width))
        return upright(frame, width=self._width, height=along)
