"""The still pictures a clip is shown by: a poster, and a sprite to glide over with the pointer."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame

from apps.footage.pictures import webp
from apps.footage.pixels import Pixels
from apps.footage.rgb import quarter_turns, upright
from apps.footage.video_reader import VideoReader, open_video

TILES, TILE_WIDTH = 25, 256
# Below this spread of brightness a picture shows nothing: a fade from black, a blank slate.
_BLANK = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stills:
    """A poster of full size and a sprite of tiles, read left to right and top to bottom; both WebP."""

    poster: bytes
    sprite: bytes
    columns: int
    rows: int
    tile_width: int
    tile_height: int


def make_stills(path: Path, *, tiles: int = TILES, tile_width: int = TILE_WIDTH) -> Stills:
    """Draw poster and sprite of a video while decoding it once."""
    with open_video(path) as video:
        maker = StillsMaker(video, tiles=tiles, tile_width=tile_width)
        for frame in video.frames():
            maker.see(frame)
        return maker.finish()


class StillsMaker:
    """Looks at each frame of a video as it comes by, and keeps what the stills need."""

    def __init__(
        self, video: VideoReader, *, tiles: int = TILES, tile_width: int = TILE_WIDTH
    ) -> None:
        self._width = tile_width
        self._columns = math.ceil(math.sqrt(tiles))
        self._rows = math.ceil(tiles / self._columns)
        self._wanted = [tile * video.length // tiles for tile in range(tiles)]
        self._seen = 0
        self._tiles: list[Pixels] = []
        self._poster: Pixels | None = None
        self._poster_is_blank = True

    def see(self, frame: VideoFrame) -> None:
        """Take what is needed from the next frame."""
        times = self._wanted.count(self._seen)
        self._seen += 1
        if not times:
            return
        tile = self._tile(frame)
        self._tiles += [tile] * times
        if self._poster_is_blank:
            self._consider(frame, tile)

    def finish(self) -> Stills:
        """Encode what was kept."""
        # A decoder may leave out a last picture that its packets promised.
        missing = len(self._wanted) - len(self._tiles)
        tiles = self._tiles + self._tiles[-1:] * missing
        height, width = tiles[0].shape[:2]
        grid = np.zeros((self._rows * height, self._columns * width, 3), np.uint8)
        for at, tile in enumerate(tiles):
            y, x = at // self._columns * height, at % self._columns * width
            grid[y : y + height, x : x + width] = tile
        assert self._poster is not None  # noqa: S101 - the first frame is always considered
        return Stills(
            poster=webp(self._poster, method=2),
            sprite=webp(grid, quality=72, method=2),
            columns=self._columns,
            rows=self._rows,
            tile_width=width,
            tile_height=height,
        )

    def _consider(self, frame: VideoFrame, tile: Pixels) -> None:
        blank = float(tile.std()) < _BLANK
        if self._poster is None or not blank:
            self._poster = upright(frame)
            self._poster_is_blank = blank

    def _tile(self, frame: VideoFrame) -> Pixels:
        if quarter_turns(frame) % 2:
            across = max(2, round(self._width * frame.width / frame.height))
            return upright(frame, width=across, height=self._width)
        along = max(2, round(self._width * frame.height / frame.width))
        return upright(frame, width=self._width, height=along)
