"""Veils of light and haze over a frame: fog, smoke, sunlight, flicker and lightning."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from apps.animator.arrays import Bytes, Field, Plane
from apps.animator.prompt_parser import Element
from apps.animator.warp import CELL_PIXELS, Stage

TILE_SIZE = 128


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Veil:
    """A colour and its density at the nodes of the frame's grid over time."""

    light: int
    tint: tuple[int, int]  # chroma, 128 is neutral
    # takes nodes on the canvas and seconds; 0 is transparent, 1 opaque
    density: Callable[[Field, float], Plane]

    def draw(self, luma: Bytes, chroma: Bytes, at: Field, seconds: float) -> None:
        """Draw the veil on a frame's planes, in place."""
        dense = np.clip(self.density(at, seconds), 0, 0.95)
        _mix(luma, dense, self.light, 1)
        _mix(chroma[..., 0], dense, self.tint[0], 2)
        _mix(chroma[..., 1], dense, self.tint[1], 2)


def _mix(plane: Bytes, dense: Plane, towards: int, step: int) -> None:
    """Blend a plane towards one value."""
    cell = CELL_PIXELS // step
    rows, columns = plane.shape
    full = (dense.shape[1] * cell, dense.shape[0] * cell)
    keeps = cv2.resize((1 - dense).astype(np.float32), full)[
        cell : cell + rows, cell : cell + columns
    ]
    adds = (1 - keeps) * np.float32(towards)
    mixed = cv2.multiply(plane, keeps, dtype=cv2.CV_32F)
    plane[:] = cv2.add(mixed, adds, dtype=cv2.CV_8U)


def veils_of(stage: Stage, elements: tuple[Element, ...], strength: float, seed: int) -> list[Veil]:
    """Return the veils of these elements, far ones first."""
    lively = min(strength, 3.0) ** 0.5
    noise = _cloud_noise(seed)
    makers: dict[Element, Callable[[], Veil]] = {
        Element.LIGHT: lambda: Veil(
            light=235, tint=(112, 142), density=_sunlight(stage, 0.1 * lively)
        ),
        Element.LIGHTNING: lambda: Veil(
            light=240, tint=(134, 124), density=_lightning(stage, seed)
        ),
        Element.FLICKER: lambda: Veil(
            light=235, tint=(100, 156), density=_flicker(stage, 0.42 * lively, seed)
        ),
        Element.FOG: lambda: Veil(
            light=_fog_brightness(stage), tint=(130, 127), density=_fog(stage, noise)
        ),
        Element.SMOKE: lambda: Veil(light=225, tint=(128, 128), density=_smoke(stage, noise)),
    }
    return [make() for element, make in makers.items() if element in elements]


def _fog_brightness(stage: Stage) -> int:
    """Return the luma of fog: grey at night, nearly white by day."""
    return round(95 + 0.62 * float(np.percentile(stage.canvas.luma, 75)))


def _cloud_noise(seed: int) -> Plane:
    """Return soft noise from 0 to 1 that repeats at its edges."""
    rng = np.random.default_rng(seed + 2)
    spectrum = np.fft.fft2(rng.standard_normal((TILE_SIZE, TILE_SIZE)))
    frequency = (
        np.hypot(np.fft.fftfreq(TILE_SIZE)[:, None], np.fft.fftfreq(TILE_SIZE)[None]) * TILE_SIZE
    )
    shaped = np.where((frequency > 0) & (frequency < 20), 1 / np.maximum(frequency, 2.0) ** 1.5, 0)
    noise = np.fft.ifft2(spectrum * shaped).real
    low, high = np.percentile(noise, (3, 97))
    return np.clip((noise - low) / (high - low), 0, 1).astype(np.float32)


def _drifted_noise(
    noise: Plane, at: Field, scale: tuple[float, float], speed: tuple[float, float], seconds: float
) -> Plane:
    """Sample the noise after the wind has carried it for some seconds."""
    x = np.mod(
        at[0] * np.float32(scale[0] * TILE_SIZE) - np.float32(speed[0] * seconds),
        np.float32(TILE_SIZE),
    )
    y = np.mod(
        at[1] * np.float32(scale[1] * TILE_SIZE) - np.float32(speed[1] * seconds),
        np.float32(TILE_SIZE),
    )
    padded = cv2.copyMakeBorder(noise, 0, 1, 0, 1, cv2.BORDER_WRAP)
    return cv2.remap(padded, x, y, cv2.INTER_LINEAR)


def _fog(stage: Stage, noise: Plane) -> Callable[[Field, float], Plane]:
    # Much softer than the depth itself: fog that follows outlines draws haloes around them.
    far = cv2.GaussianBlur(1 - stage.features.depth, (0, 0), 14.0)

    def density(at: Field, seconds: float) -> Plane:
        low = np.clip(0.55 + at[1] * 0.7, 0.15, 1)
        banks = _drifted_noise(noise, at, (0.32, 0.51), (3.2, 0.3), seconds)
        wisps = _drifted_noise(noise, at, (0.55, 0.77), (-2.0, 0.5), seconds)
        haze = 0.1 + 0.22 * stage.sample(far, at)
        return haze + low * 0.62 * (0.35 + 0.65 * stage.sample(far, at)) * banks * (
            0.45 + 0.55 * wisps
        )

    return density


def _smoke(stage: Stage, noise: Plane) -> Callable[[Field, float], Plane]:
    """Return a plume that rises from the upper part of the subject, widening and thinning."""
    foot = _smoke_source(stage)

    def density(at: Field, seconds: float) -> Plane:
        height = np.clip(foot[1] + 0.05 - at[1], 0, None)
        lean = 0.035 * np.sin(1.3 * seconds - 9.0 * height) * height / 0.3
        wide = 0.07 + 0.22 * height
        plume = np.exp(-(((at[0] - foot[0] - lean) / wide) ** 2))
        rises = np.clip(height / 0.1, 0, 1) * np.exp(-height / 0.42)
        curls = _drifted_noise(noise, at, (1.2, 0.6), (0, -17.0), seconds)
        curls = curls * _drifted_noise(noise, at, (1.32, 0.96), (1.5, -25.0), seconds)
        return 0.9 * plume * rises * np.clip(curls * 1.9 - 0.22, 0, 1)

    return density


def _smoke_source(stage: Stage) -> tuple[float, float]:
    subject = stage.features.subject > 0.5
    if not subject.any():
        return float(stage.focus[0]), float(stage.focus[1])
    rows = np.flatnonzero(subject.any(axis=1))
    row = rows[len(rows) // 3]
    column = (
        float(np.flatnonzero(subject[row]).mean()) if subject[row].any() else subject.shape[1] / 2
    )
    return stage.place((column + 0.5) / subject.shape[1], (row + 0.5) / subject.shape[0])


def _sunlight(stage: Stage, reach: float) -> Callable[[Field, float], Plane]:
    """Return a warm light from one upper corner that swells and fades, with glowing highlights."""
    side = -1.0 if stage.focus[0] > 0 else 1.0
    glow = stage.features.glow

    def density(at: Field, seconds: float) -> Plane:
        across = np.exp(-((at[0] - side * 0.55) ** 2 + (at[1] + 0.5) ** 2) / 0.5)
        slowly = 0.65 + 0.35 * np.sin(2 * np.pi * seconds / 5.2 - 1.2)
        beams = 0.5 + 0.5 * np.sin(
            9.0 * np.arctan2(at[1] + 0.9, at[0] - side * 0.9) + 0.5 * seconds
        )
        return reach * slowly * (across * (1.3 + 0.9 * beams) + 0.8 * stage.sample(glow, at))

    return density


def _flicker(stage: Stage, reach: float, seed: int) -> Callable[[Field, float], Plane]:
    """Return a flicker of the lamps and flames, or of the salient part where there are none."""
    phases = np.random.default_rng(seed + 3).uniform(0, 2 * np.pi, 4)
    glow = stage.features.glow
    lit = glow if glow.mean() > 0.002 else stage.features.saliency * 0.5
    wide = cv2.GaussianBlur(lit, (0, 0), 5.0)

    def density(at: Field, seconds: float) -> Plane:
        rates = np.array([5.3, 9.1, 14.7, 2.2])
        waver = float((np.sin(rates * seconds + phases) * (0.4, 0.3, 0.2, 0.3)).sum())
        spread = 0.25 * np.sin(4.0 * seconds + 6.0 * at[0] + phases[0])
        return reach * stage.sample(wide, at) * (0.55 + 0.45 * (waver + spread))

    return density


def _lightning(stage: Stage, seed: int) -> Callable[[Field, float], Plane]:
    """Return two flashes, each sudden and with a fading afterglow."""
    first = float(np.random.default_rng(seed + 4).uniform(0.9, 1.6))
    flashes = [(first, 0.5), (first + 0.17, 0.3), (first + 2.1, 0.42)]
    sky = 0.35 + 0.65 * cv2.GaussianBlur(stage.features.sky, (0, 0), 4.0)

    def density(at: Field, seconds: float) -> Plane:
        power = sum(
            size * np.exp(-(seconds - start) / 0.11) for start, size in flashes if seconds >= start
        )
        return stage.sample(sky, at) * np.float32(power)

    return density
