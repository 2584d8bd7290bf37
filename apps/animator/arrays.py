"""Types of the engine's arrays; the comments say what OpenCV's stubs leave open."""

from typing import Any, TypeAlias

from numpy.typing import NDArray

Picture: TypeAlias = NDArray[Any]  # RGB bytes: rows, columns, 3
Bytes: TypeAlias = NDArray[Any]  # one or two channels of bytes, as video has them
Mask: TypeAlias = NDArray[Any]  # bytes, 0 or 1
Plane: TypeAlias = NDArray[Any]  # float32, mostly from 0 to 1: rows, columns
# float32: x and y planes, the position on the canvas of each node of the frame's grid
Field: TypeAlias = NDArray[Any]
Numbers: TypeAlias = NDArray[Any]
