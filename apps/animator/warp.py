"""Where every frame looks on the canvas: camera, depth and moving layers as one field on a coarse grid.

A dense field bends the picture like rubber instead of cutting it, so that nothing can tear, no hole
can open behind what moves, and there is no edge to see. It is computed on a grid of a few thousand
nodes and stretched to full size by the renderer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from apps.animator.arrays import Field, Plane
from apps.animator.camera import Pose
from apps.animator.canvas import Canvas
from apps.animator.features import Features
from apps.animator.layers import Layer

CELL = 8
FPS = 24
# The most a field may stretch: beyond it the backs of near things would fold over.
STRETCH = 0.45


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stage:
    """The scene as the camera meets it, in units of the frame's size around the frame's middle."""

    features: Features
    size: tuple[int, int]
    canvas: Canvas

    @property
    def unit(self) -> float:
        """Frame pixels per unit."""
        return float((self.size[0] * self.size[1]) ** 0.5)

    def sample(self, plane: Plane, at: Field) -> Plane:
        """Read a small map of the canvas where the nodes look."""
        rows, columns = plane.shape
        height, width = self.canvas.luma.shape
        whole = self.unit * self.canvas.scale
        left, top = self.canvas.centre
        x = at[0] * np.float32(whole * columns / width) + np.float32(left * columns / width - 0.5)
        y = at[1] * np.float32(whole * rows / height) + np.float32(top * rows / height - 0.5)
        return cv2.remap(plane, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)

    def texels(self, at: Field) -> Field:
        """Turn units into texels of the canvas."""
        return at * np.float32(self.unit * self.canvas.scale) + _pair(self.canvas.centre)

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Turn shares of the canvas into units."""
        height, width = self.canvas.luma.shape
        whole = self.unit * self.canvas.scale
        return (x * width - self.canvas.centre[0]) / whole, (
            y * height - self.canvas.centre[1]
        ) / whole

    @property
    def focus(self) -> tuple[float, float]:
        """The point the camera turns and zooms about, kept away from the frame's edges."""
        x, y = self.place(*self.features.focus)
        # Less far up and down: whoever zooms in on a chest must not lose the head.
        wide, high = (
            share * side / self.unit for share, side in zip((0.3, 0.16), self.size, strict=True)
        )
        return min(max(x, -wide), wide), min(max(y, -high), high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How much all frames are zoomed in and shifted, in units, to stay on the picture."""

    shrink: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)

    def of(self, at: Field) -> Field:
        """Return where the nodes look once fitted."""
        return at * np.float32(self.shrink) + _pair(self.shift)


def fields_of(stage: Stage, layers: Sequence[Layer], poses: Sequence[Pose]) -> list[Field]:
    """Return for every frame the texels its nodes look at, all of them on the canvas."""
    timed = [(frame / FPS, pose) for frame, pose in enumerate(poses)]
    tame = _tameness(stage, poses)
    # Depth and masks must be read where a frame looks in the end, so the fit comes first, from a
    # few frames; what little is missing after all of them is made up at the end.
    rough = _fit(stage, _looks(stage, layers, [*timed[::6], timed[-1]], Fit(), tame))
    looks = _looks(stage, layers, timed, rough, tame)
    rest = _fit(stage, looks)
    return [stage.texels(rest.of(at)) - np.float32(0.5) for at in looks]


def _looks(
    stage: Stage,
    layers: Sequence[Layer],
    timed: Sequence[tuple[float, Pose]],
    fit: Fit,
    tame: float,
) -> list[Field]:
    nodes = _nodes(stage.size) / np.float32(stage.unit) - _pair(stage.focus)
    pivot = float(stage.sample(stage.features.depth, _pair(stage.focus))[0, 0])
    looks = []
    for seconds, pose in timed:
        at = _filmed(stage, nodes, pose, fit, pivot, tame)
        for layer in layers:
            at = _shifted(stage, at, layer, seconds)
        looks.append(at)
    return looks


def _pair(point: tuple[float, float]) -> Field:
    return np.array(point, np.float32).reshape(2, 1, 1)


def _nodes(size: tuple[int, int]) -> Field:
    """Lay nodes at the centres of cells, one cell beyond the frame on every side."""
    columns, rows = (-(-side // CELL) + 2 for side in size)
    x = (np.arange(columns, dtype=np.float32) - 0.5) * CELL - size[0] / 2
    y = (np.arange(rows, dtype=np.float32) - 0.5) * CELL - size[1] / 2
    return np.stack(np.meshgrid(x, y)).astype(np.float32)


def _filmed(stage: Stage, nodes: Field, pose: Pose, fit: Fit, pivot: float, tame: float) -> Field:  # noqa: PLR0917
    """Look through the camera, from nodes around its focus, at a scene that stands still."""
    turned = _turned(nodes, pose)
    flat = fit.of(turned + _pair(stage.focus) + _pair((pose.x, pose.y)))
    # Nearer things pass faster, and grow faster.
    parallax = (_pair((pose.truck, pose.lift)) - turned * np.float32(pose.push)) * np.float32(
        tame * fit.shrink
    )
    at = flat
    # What is seen depends on how near it is, and that on what is seen: three rounds settle it.
    for _ in range(3):
        at = flat + parallax * (stage.sample(stage.features.depth, at) - np.float32(pivot))
    return at


def _shifted(stage: Stage, at: Field, layer: Layer, seconds: float) -> Field:
    """Shift what lies under the mask of a layer; as above, where that is settles in rounds."""
    shift = layer.shift(at, seconds).astype(np.float32)
    seen = at
    for _ in range(3):
        seen = at + shift * stage.sample(layer.mask, seen)
    return seen


def _turned(nodes: Field, pose: Pose) -> Field:
    near = np.exp(-pose.zoom)
    cos, sin = np.float32(np.cos(pose.roll) * near), np.float32(np.sin(pose.roll) * near)
    return np.stack([nodes[0] * cos - nodes[1] * sin, nodes[0] * sin + nodes[1] * cos])


def _tameness(stage: Stage, poses: Sequence[Pose]) -> float:
    """Say how much of the wished parallax this depth map bears without folding."""
    depth = stage.features.depth
    texels_per_cell = stage.canvas.luma.shape[0] / depth.shape[0]
    steep = max(float(np.abs(np.diff(depth, axis=axis)).max(initial=0.0)) for axis in (0, 1))
    steep *= stage.unit * stage.canvas.scale / texels_per_cell
    reach = max(max(abs(pose.truck), abs(pose.lift)) + 0.5 * abs(pose.push) for pose in poses)
    return min(1.0, STRETCH / max(float(steep * reach), 1e-6))


def _fit(stage: Stage, looks: list[Field]) -> Fit:
    """Zoom in and shift all frames alike, by no more than it takes, so that none looks past the picture."""
    low = np.min([look.min(axis=(1, 2)) for look in looks], axis=0)
    high = np.max([look.max(axis=(1, 2)) for look in looks], axis=0)
    first, last = np.array(stage.place(0, 0)), np.array(stage.place(1, 1))
    shrink = min(1.0, *((last - first) / np.maximum(high - low, 1e-6)).tolist())
    shift = np.maximum(first - low * shrink, 0) - np.maximum(high * shrink - last, 0)
    return Fit(shrink=shrink, shift=(float(shift[0]), float(shift[1])))
