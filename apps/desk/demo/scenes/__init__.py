"""Sample pictures drawn by code, so that the first screen of a newcomer is worth looking at."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from apps.desk.demo.scenes import brush, harbour
