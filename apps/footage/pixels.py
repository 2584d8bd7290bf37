"""The type of a decoded picture."""

from typing import Any

import numpy as np

Pixels = np.ndarray[Any, np.dtype[np.uint8]]  # (height, width, 3), RGB in sRGB
