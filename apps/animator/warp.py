"""Warp fields: camera, depth and moving layers combined into positions on the canvas.

A smooth field bends the picture like rubber instead of cutting it. Nothing can tear, and no hole
opens behind moving objects. It is computed on a grid of a few thousand nodes; the renderer
interpolates it to full size.
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

CELL_PIXELS = 8
FPS = 24
# The most that a field may stretch: beyond it, the edges of near objects fold over.
STRETCH = 0.45


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stage:
    """The scene in units of the frame's size, with the origin in the frame's centre."""

    features: Features
    size: tuple[int, int]
    canvas: Canvas

    @property
    def unit(self) -> float:
        """The number of frame pixels per unit."""
        return float((self.size[0] * self.size[1]) ** 0.5)

    def sample(self, plane: Plane, at: Field) -> Plane:
        """Sample a small map of the canvas at the nodes."""
        rows, columns = plane.shape
        height, width = self.canvas.luma.shape
        whole = self.unit * self.canvas.scale
        left, top = self.canvas.centre
        x = at[0] * np.float32(whole * columns / width) + np.float32(left * columns / width - 0.5)
        y = at[1] * np.float32(whole * rows / height) + np.float32(top * rows / height - 0.5)
        return cv2.remap(plane, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)

    def texels(self, at: Field) -> Field:
        """Convert units to texels of the canvas."""
        return at * np.float32(self.unit * self.canvas.scale) + _pair(self.canvas.centre)

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Convert shares of the canvas to units."""
        height, width = self.canvas.luma.shape
        whole = self.unit * self.canvas.scale
        left, top = self.canvas.centre
        return (x * width - left) / whole, (y * height - top) / whole

    @property
    def focus(self) -> tuple[float, float]:
        """The point around which the camera rotates and zooms, away from the frame's edges."""
        x, y = self.place(*self.features.focus)
        # Less far up and down: a zoom on a chest must not lose the head.
        wide, high = (
            share * side / self.unit for share, side in zip((0.3, 0.16), self.size, strict=True)
        )
        return min(max(x, -wide), wide), min(max(y, -high), high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """The zoom and shift of all frames, in units, that keeps them on the picture."""

    shrink: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)

    def of(self, at: Field) -> Field:
        """Return the fitted positions of the nodes."""
        return at * np.float32(self.shrink) + _pair(self.shift)


def fields_of(stage: Stage, layers: Sequence[Layer], poses: Sequence[Pose]) -> list[Field]:
    """Return for each frame the positions of its nodes in texels, all on the canvas."""
    timed = [(frame / FPS, pose) for frame, pose in enumerate(poses)]
    parallax_share = _parallax_limit(stage, poses)
    # Depth and masks must be sampled at the final positions. So a first fit is made from a few
    # frames, and a second one corrects the small rest.
    rough = _fit(
        stage, _node_positions(stage, layers, [*timed[::6], timed[-1]], Fit(), parallax_share)
    )
    positions = _node_positions(stage, layers, timed, rough, parallax_share)
    rest = _fit(stage, positions)
    return [stage.texels(rest.of(at)) - np.float32(0.5) for at in positions]


def _node_positions(
    stage: Stage,
    layers: Sequence[Layer],
    timed: Sequence[tuple[float, Pose]],
    fit: Fit,
    parallax_share: float,
) -> list[Field]:
    nodes = _nodes(stage.size) / np.float32(stage.unit) - _pair(stage.focus)
    pivot = float(stage.sample(stage.features.depth, _pair(stage.focus))[0, 0])
    positions = []
    for seconds, pose in timed:
        at = _camera_view(stage, nodes, pose, fit, pivot, parallax_share)
        for layer in layers:
            at = _shift_layer(stage, at, layer, seconds)
        positions.append(at)
    return positions


def _pair(point: tuple[float, float]) -> Field:
    return np.array(point, np.float32).reshape(2, 1, 1)


def _nodes(size: tuple[int, int]) -> Field:
    """Return nodes at the centres of cells, one cell beyond the frame on every side."""
    columns, rows = (-(-side // CELL_PIXELS) + 2 for side in size)
    x = (np.arange(columns, dtype=np.float32) - 0.5) * CELL_PIXELS - size[0] / 2
    y = (np.arange(rows, dtype=np.float32) - 0.5) * CELL_PIXELS - size[1] / 2
    return np.stack(np.meshgrid(x, y)).astype(np.float32)


def _camera_view(  # noqa: PLR0917
    stage: Stage, nodes: Field, pose: Pose, fit: Fit, pivot: float, parallax_share: float
) -> Field:
    """Return the positions of nodes after the camera's move, in a scene without motion."""
    turned = _rotate(nodes, pose)
    flat = fit.of(turned + _pair(stage.focus) + _pair((pose.x, pose.y)))
    # Near objects pass faster, and grow faster.
    parallax = (_pair((pose.truck, pose.lift)) - turned * np.float32(pose.push)) * np.float32(
        parallax_share * fit.shrink
    )
    at = flat
    # The position depends on the depth, and the depth on the position: three rounds converge.
    for _ in range(3):
        at = flat + parallax * (stage.sample(stage.features.depth, at) - np.float32(pivot))
    return at


def _shift_layer(stage: Stage, at: Field, layer: Layer, seconds: float) -> Field:
    """Shift nodes under the mask of a layer; the positions converge in rounds."""
    shift = layer.shift(at, seconds).astype(np.float32)
    seen = at
    for _ in range(3):
        seen = at + shift * stage.sample(layer.mask, seen)
    return seen


def _rotate(nodes: Field, pose: Pose) -> Field:
    near = np.exp(-pose.zoom)
    cos = np.float32(np.cos(pose.roll) * near)
    sin = np.float32(np.sin(pose.roll) * near)
    return np.stack([nodes[0] * cos - nodes[1] * sin, nodes[0] * sin + nodes[1] * cos])


def _parallax_limit(stage: Stage, poses: Sequence[Pose]) -> float:
    """Return the share of the parallax that this depth map allows without folding."""
    depth = stage.features.depth
    texels_per_cell = stage.canvas.luma.shape[0] / depth.shape[0]
    steep = max(float(np.abs(np.diff(depth, axis=axis)).max(initial=0.0)) for axis in (0, 1))
    steep *= stage.unit * stage.canvas.scale / texels_per_cell
    reach = max(max(abs(pose.truck), abs(pose.lift)) + 0.5 * abs(pose.push) for pose in poses)
    return min(1.0, STRETCH / max(float(steep * reach), 1e-6))


def _fit(stage: Stage, positions: list[Field]) -> Fit:
    """Return the smallest zoom and shift of all frames that keeps them on the picture."""
    low = np.min([one.min(axis=(1, 2)) for one in positions], axis=0)
    high = np.max([one.max(axis=(1, 2)) for one in positions], axis=0)
    first = np.array(stage.place(0, 0))
    last = np.array(stage.place(1, 1))
    shrink = min(1.0, *((last - first) / np.maximum(high - low, 1e-6)).tolist())
    shift = np.maximum(first - low * shrink, 0) - np.maximum(high * shrink - last, 0)
    return Fit(shrink=shrink, shift=(float(shift[0]), float(shift[1])))
