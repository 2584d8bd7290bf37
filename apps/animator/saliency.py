"""Saliency: contrast with the picture's edges, unexpected detail, and closeness to the centre."""

import cv2
import numpy as np

from apps.animator.arrays import Picture, Plane


def saliency_of(picture: Picture) -> Plane:
    """Return a map from 0 to 1, of the picture's size."""
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB).astype(np.float32)
    height, width = lab.shape[:2]
    stands_out = _unlike_the_rim(lab)
    surprising = _spectral_residual(lab[..., 0])
    combined = stands_out * (0.55 + 0.45 * surprising) * _middle(height, width)
    return unit(cv2.GaussianBlur(combined, (0, 0), max(1.0, min(height, width) / 40)))


def unit(plane: Plane) -> Plane:
    """Normalise a plane to the range from 0 to 1, ignoring outliers."""
    low, high = np.percentile(plane, (2, 98))
    if high - low < 1e-6:
        return np.zeros_like(plane)
    return np.clip((plane - low) / (high - low), 0, 1).astype(np.float32)


def _unlike_the_rim(lab: Plane) -> Plane:
    """Return the distance of each colour from the common colours along the edges."""
    rim = np.concatenate(
        [lab[:3].reshape(-1, 3), lab[:, :3].reshape(-1, 3), lab[:, -3:].reshape(-1, 3)]
    )
    bins, counts = np.unique((rim // 20).astype(np.int32), axis=0, return_counts=True)
    common = bins[np.argsort(-counts, kind="stable")[:10]].astype(np.float32) * 20 + 10
    blurred = cv2.GaussianBlur(lab, (0, 0), 1.5)
    # Light counts half: shadows fall on backgrounds too.
    weights = np.array([0.5, 1.4, 1.4], np.float32)
    far = np.full(lab.shape[:2], np.inf, np.float32)
    for colour in common:
        far = np.minimum(
            far, np.linalg.norm((blurred - colour) * weights, axis=2).astype(np.float32)
        )
    return unit(far)


def _spectral_residual(light: Plane) -> Plane:
    """Return what a smooth spectrum does not predict (Hou and Zhang, 2007)."""
    small = cv2.resize(light, (64, 64), interpolation=cv2.INTER_AREA)
    spectrum = np.fft.fft2(small)
    log = np.log(np.abs(spectrum) + 1e-6)
    residual = log - cv2.blur(log, (3, 3))
    back = np.abs(np.fft.ifft2(np.exp(residual + 1j * np.angle(spectrum)))) ** 2
    smooth = cv2.GaussianBlur(back.astype(np.float32), (0, 0), 2.5)
    return unit(cv2.resize(smooth, light.shape[::-1], interpolation=cv2.INTER_LINEAR))


def _middle(height: int, width: int) -> Plane:
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    return np.exp(-(x**2 + y**2) / 1.1).astype(np.float32)
