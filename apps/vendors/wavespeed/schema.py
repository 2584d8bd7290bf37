"""WaveSpeedAI's offers of midjourney/image-to-video, in the three forms its model page has had.

Source of names, types, ranges and defaults: docs/vendor-contracts.md, section 1.2, where the first
form is called S-A: twelve parameters, of which `image` and `prompt` are required.
"""

from dataclasses import replace
from decimal import Decimal

from apps.vendors.errors import Refused
from apps.vendors.offer import FailedJobCharge, Offer, Parameter, Tariff, Tier, Value
from apps.vendors.parameters import check_parameters
from apps.vendors.types import Order

RESOLUTION = Parameter(
    name="resolution",
    kind=str,
    default="480p",
    choices=("480p", "720p"),
    label="Resolution",
    help="Larger clips cost more.",
)
ASPECT_RATIO = Parameter(
    name="aspect_ratio",
    kind=str,
    default="1:1",
    # The page's table never had 9:16 or 3:2 (docs/vendor-contracts.md, section 6, row 3).
    choices=("1:1", "4:3", "3:4", "2:3", "16:9", "1:2"),
    label="Aspect ratio",
    help="Matched to the image. Other shapes crop it.",
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
# The page has no default for stylize, chaos and weird; its sample request sends 0 for each
# (docs/vendor-contracts.md, section 7).
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
    kind=str,  # numeric-looking, yet strings on the wire (docs/vendor-contracts.md, section 7)
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
    help="Reuse a seed for similar results. -1 is random.",
)
BASE64 = Parameter(
    name="enable_base64_output",
    kind=bool,
    default=False,
    # The page has the seed's description here by mistake (docs/vendor-contracts.md, section 7); the
    # meaning is from section 1.9.
    label="Clip inside the answer",
    help=(
        "The vendor sends the clip inside its answer instead of an address. Leave it off for video."
    ),
)

# The middle page has the first page's table, but its text says that 9:16 works
# (docs/vendor-contracts.md, section 1.2; section 6, row 3).
ASPECT_RATIO_WITH_9_16 = replace(ASPECT_RATIO, choices=(*ASPECT_RATIO.choices, "9:16"))
MOTION = Parameter(
    name="motion",
    kind=str,
    # Always sent: other vendors default to high (docs/vendor-contracts.md, section 6, row 23).
    default="low",
    choices=("low", "high"),
    label="Motion",
    help=(
        "Low for still scenes and small camera moves; "
        "high for large moves, at the risk of glitches."
    ),
)

MODEL = "midjourney/image-to-video"
IMAGE_SETTINGS = (QUALITY, STYLIZE, CHAOS, WEIRD, VERSION, NIJI, SEED, BASE64)
# docs/vendor-contracts.md, section 1.2, generation 2
MIDDLE_PAGE = "WaveSpeedAI's model page, an earlier version of it"
# Only the middle page has complete prices. Our copy of the current page ends in “480p $0.3…”, so
# the price of the current form is queried (docs/vendor-contracts.md, section 6, row 4).
TARIFFS = (
    Tariff(model=MODEL, variant="480p", usd=Decimal("0.15"), source=MIDDLE_PAGE),
    Tariff(model=MODEL, variant="720p", usd=Decimal("0.48"), source=MIDDLE_PAGE),
)
# Videos a minute and jobs at once (docs/vendor-contracts.md, section 1.11).
TIERS = (
    Tier(name="Bronze", orders_per_minute=2, in_flight=2),
    Tier(name="Silver", orders_per_minute=500, in_flight=300),
    Tier(name="Gold", orders_per_minute=3000, in_flight=3000),
    Tier(name="Ultra", orders_per_minute=5000, in_flight=10_000),
)

FIRST = Offer(
    vendor="wavespeed",
    vendor_name="WaveSpeedAI",
    model=MODEL,
    schema_version="1",
    schema_name="oldest form: shape, seed and image settings",
    base_url="https://api.wavespeed.ai",  # docs/vendor-contracts.md, section 1.1
    parameters=(RESOLUTION, ASPECT_RATIO, *IMAGE_SETTINGS),
    tariffs=TARIFFS,
    tiers=TIERS,
    price_settings=(RESOLUTION.name,),
    shape_setting=ASPECT_RATIO.name,
    prompt_flags_override=True,
    # Within about three hours (docs/vendor-contracts.md, section 1.6)
    failed_job_charge=FailedJobCharge.REFUNDED_LATER,
    can_find_orders=True,
    can_stop=False,  # no document names a way (docs/vendor-contracts.md, section 1.7)
    can_delete=True,
    has_live_price=True,
    has_balance=True,
    has_signed_webhooks=True,
    min_poll_seconds=2.0,
    retention_days=7,  # outputs and records alike (docs/vendor-contracts.md, section 1.11)
)
SECOND = replace(
    FIRST,
    schema_version="2",
    schema_name="middle form: as the oldest, and 9:16",
    parameters=(RESOLUTION, ASPECT_RATIO_WITH_9_16, *IMAGE_SETTINGS),
)
CURRENT = replace(
    FIRST,
    schema_version="3",
    schema_name="current form: resolution and motion",
    parameters=(RESOLUTION, MOTION),
    shape_setting="",
    tariffs=(),
    prompt_required=False,
)
OFFERS: tuple[Offer, ...] = (FIRST, SECOND, CURRENT)


def body_of(offer: Offer, order: Order) -> dict[str, Value]:
    """Return the request's body: exactly the keys of this form, every value checked."""
    if order.extends:
        raise Refused("WaveSpeedAI cannot extend a clip.")
    return {
        "image": _image(order),
        **_prompt(offer, order),
        **check_parameters(offer, order.parameters),
    }


def _image(order: Order) -> str:
    image = _encodable(order.image_url)
    if not image.lower().startswith(("https://", "http://")):
        raise Refused("The image needs an address that starts with http:// or https://.")
    return image


def _prompt(offer: Offer, order: Order) -> dict[str, Value]:
    """Return the prompt, which the current form does not require."""
    prompt = _encodable(order.prompt)
    if not prompt and offer.prompt_required:
        raise Refused("Write a prompt first: WaveSpeedAI does not animate without one.")
    return {"prompt": prompt} if prompt else {}


def _encodable(text: str) -> str:
    """Return a text that can be encoded; refuse one with half a character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Refused("The text holds half a character; type it anew.") from None
    return text.strip()
