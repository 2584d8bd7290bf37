"""The parameters of WaveSpeedAI's model, written down a second time for the server side.

A mistake in the client's own table must not be repeated by the server that tests it.
Source: docs/vendor-contracts.md, section 1.2.
"""

from decimal import Decimal

from apps.vendors.offer import Parameter

MODEL = "midjourney/image-to-video"
MAX_SEED = 2_147_483_647
RESOLUTION = Parameter(
    name="resolution", label="Resolution", kind=str, default="480p", choices=("480p", "720p")
)
ASPECT_RATIOS = ("1:1", "4:3", "3:4", "2:3", "16:9", "1:2")
FIRST = (
    RESOLUTION,
    Parameter(
        name="aspect_ratio", label="Aspect ratio", kind=str, default="1:1", choices=ASPECT_RATIOS
    ),
    Parameter(name="quality", label="Quality", kind=float, default=1, choices=(0.25, 0.5, 1, 2)),
    # These three have no default; the sample request sends 0 (docs/vendor-contracts.md,
    # section 7).
    Parameter(name="stylize", label="Stylize", kind=int, default=0, minimum=0, maximum=1000),
    Parameter(name="chaos", label="Chaos", kind=int, default=0, minimum=0, maximum=100),
    Parameter(name="weird", label="Weird", kind=int, default=0, minimum=0, maximum=3000),
    Parameter(
        name="version", label="Model version", kind=str, default="7", choices=("6", "6.1", "7")
    ),
    Parameter(name="niji", label="Niji", kind=str, default="close", choices=("close", "5", "6")),
    Parameter(name="seed", label="Seed", kind=int, default=-1, minimum=-1, maximum=MAX_SEED),
    Parameter(
        name="enable_base64_output", label="Clip inside the answer", kind=bool, default=False
    ),
)
THIRD = (
    RESOLUTION,
    Parameter(name="motion", label="Motion", kind=str, default="low", choices=("low", "high")),
)
# Prices per clip (docs/vendor-contracts.md, section 1.2; section 6, row 4).
PRICES = {"480p": Decimal("0.15"), "720p": Decimal("0.48")}
