"""What WaveSpeedAI sells as midjourney/image-to-video, word for word as its model page had it.

Source of names, types, ranges and defaults: the model page this product was conceived from, called S-A in
the vendor contracts, section 1.2 (its first generation: twelve parameters, `image` and `prompt` required).
"""

from decimal import Decimal

from apps.vendors.errors import Refused
from apps.vendors.parameters import checked
from apps.vendors.types import Offer, Order, Parameter, Value

RESOLUTION = Parameter(
    name="resolution",
    kind=str,
    default="480p",
    choices=("480p", "720p"),
    label="Resolution",
    help="How large the clip is. It decides the price.",
)
ASPECT_RATIO = Parameter(
    name="aspect_ratio",
    kind=str,
    default="1:1",
    # Neither 9:16 nor 3:2: prose of a later page claims 9:16, the table never had it (contracts 6, row 3).
    choices=("1:1", "4:3", "3:4", "2:3", "16:9", "1:2"),
    label="Aspect ratio",
    help="The shape of the clip. Choose the one nearest to the image.",
)
QUALITY = Parameter(
    name="quality",
    kind=float,
    default=1,
    choices=(0.25, 0.5, 1, 2),
    label="Quality",
    help="More detail for more processing time.",
    may_have_no_effect=True,
)
# Stylize, chaos and weird have no default on the page; its sample request sends 0 for each (contracts 7).
STYLIZE = Parameter(
    name="stylize",
    kind=int,
    unset=0,
    minimum=0,
    maximum=1000,
    label="Stylize",
    help="How much of Midjourney's own taste goes in.",
    may_have_no_effect=True,
)
CHAOS = Parameter(
    name="chaos",
    kind=int,
    unset=0,
    minimum=0,
    maximum=100,
    label="Chaos",
    help="Higher values give more unusual and unexpected results.",
    may_have_no_effect=True,
)
WEIRD = Parameter(
    name="weird",
    kind=int,
    unset=0,
    minimum=0,
    maximum=3000,
    label="Weird",
    help="Higher values give quirkier and less conventional results.",
    may_have_no_effect=True,
)
VERSION = Parameter(
    name="version",
    kind=str,  # numeric-looking, yet strings on the wire (contracts 7)
    default="7",
    choices=("6", "6.1", "7"),
    label="Model version",
    help="Which Midjourney model draws.",
    may_have_no_effect=True,
)
NIJI = Parameter(
    name="niji",
    kind=str,
    default="close",
    choices=("close", "5", "6"),
    label="Niji",
    help="The model for anime and Eastern aesthetics; “close” leaves it off.",
    may_have_no_effect=True,
)
SEED = Parameter(
    name="seed",
    kind=int,
    default=-1,
    minimum=-1,
    maximum=2_147_483_647,
    label="Seed",
    help="The same seed and prompt give similar results; -1 lets the vendor choose.",
)
BASE64 = Parameter(
    name="enable_base64_output",
    kind=bool,
    default=False,
    # The page describes this one with the seed's text by mistake (contracts 7); the meaning is from 1.9.
    label="Clip inside the answer",
    help="The vendor sends the clip inside its answer instead of an address. Leave it off for video.",
)

OFFER = Offer(
    vendor="wavespeed",
    vendor_name="WaveSpeedAI",
    model="midjourney/image-to-video",
    schema_version="1",
    base_url="https://api.wavespeed.ai",  # contracts, section 1.1
    parameters=(
        RESOLUTION,
        ASPECT_RATIO,
        QUALITY,
        STYLIZE,
        CHAOS,
        WEIRD,
        VERSION,
        NIJI,
        SEED,
        BASE64,
    ),
    # Prices per clip from a later copy of the same page (contracts 1.2, "price"; 6, row 4).
    prices={"480p": Decimal("0.15"), "720p": Decimal("0.48")},
)


def body_of(order: Order) -> dict[str, Value]:
    """Return the request's body: exactly the page's twelve keys, each one checked."""
    image, prompt = order.image_url.strip(), order.prompt.strip()
    if not image.lower().startswith(("https://", "http://")):
        raise Refused("The image needs an address that starts with http:// or https://.")
    if not prompt:
        raise Refused("Write a prompt first: WaveSpeedAI does not animate without one.")
    return {"image": image, "prompt": prompt, **checked(OFFER, order.parameters)}
