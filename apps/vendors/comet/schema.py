"""CometAPI's offers of Midjourney Video, in the two forms of an order on its own pages.

Sources: docs/vendor-contracts.md, section 3.1 (speeds, price), 3.2 (every field seen anywhere) and
6 (rows 15 to 17 and 21 to 24).
"""

import re
from decimal import Decimal

from apps.vendors.errors import Refused
from apps.vendors.offer import FailedJobCharge, Offer, Parameter, Tariff, Value
from apps.vendors.parameters import check_parameters
from apps.vendors.types import Extension, Order

RESOLUTION = Parameter(
    name="resolution",
    kind=str,
    default="480p",
    # CometAPI's article names 480p only; Midjourney and the protocol have 720p
    # (docs/vendor-contracts.md, section 6, row 21).
    choices=("480p", "720p"),
    label="Resolution",
    help="720p needs the fast speed, and CometAPI may not have it available.",
)
MOTION = Parameter(
    name="motion",
    kind=str,
    # Always sent: resellers have different defaults (docs/vendor-contracts.md, section 6, row 23).
    default="low",
    choices=("low", "high"),
    label="Motion",
    help="Low for still scenes and slow moves; high for large moves of camera and subject.",
)
MODE = Parameter(
    name="mode",
    kind=str,
    default="fast",
    choices=("fast", "relax", "turbo"),
    label="Speed",
    help="Which of Midjourney's queues the job waits in. It decides the price.",
)
ANIMATE_MODE = Parameter(
    name="animateMode",
    kind=str,
    default="manual",
    choices=("manual", "automatic"),
    label="Animation",
    help="Manual follows the prompt; automatic leaves the movement to Midjourney.",
    # trueai's proxy has no such field (docs/vendor-contracts.md, section 3.2; section 7, trap 17).
    may_have_no_effect=True,
)

VIDEO_TYPES: dict[Value, str] = {"480p": "vid_1.1_i2v_480", "720p": "vid_1.1_i2v_720"}
# CometAPI's article says “automatic”, others “auto” (docs/vendor-contracts.md, section 6, row 16).
ANIMATE_MODES: dict[Value, str] = {"manual": "manual", "automatic": "automatic"}
MODELS: dict[Value, str] = {
    "fast": "mj_fast_video",
    "relax": "mj_relax_video",
    "turbo": "mj_turbo_video",
}
# No document has a price for relax and turbo (docs/vendor-contracts.md, section 3.1).
FAST = Tariff(
    model=MODELS["fast"],
    variant="",
    usd=Decimal("0.6"),
    source="CometAPI's article on Midjourney Video; it names no unit, we take it for USD per order",
)


def _offer(
    version: str, name: str, parameters: tuple[Parameter, ...], *, extension_seconds: int
) -> Offer:
    return Offer(
        vendor="comet",
        vendor_name="CometAPI",
        model=MODELS["fast"],
        schema_version=version,
        schema_name=name,
        base_url="https://api.cometapi.com",
        parameters=parameters,
        tariffs=(FAST,),
        model_setting=MODE.name,
        models=MODELS,
        price_settings=(RESOLUTION.name,),
        # docs/vendor-contracts.md, section 7, trap 21
        prompt_flags_override=True,
        # Four clips for one charge; batchSize is never sent (docs/vendor-contracts.md, section 7,
        # trap 20; section 6, row 17).
        takes_per_order=4,
        extension_seconds=extension_seconds,
        # 5 + 4 × 4 (docs/vendor-contracts.md, section 4; section 6, row 22).
        max_seconds=5 + 4 * extension_seconds,
        # Such gateways refund failed tasks at once (docs/vendor-contracts.md, section 3.3).
        failed_job_charge=FailedJobCharge.NEVER_CHARGED,
        # The gateway itself polls every 15 s (docs/vendor-contracts.md, section 3.8).
        min_poll_seconds=10.0,
        retention_days=0,
    )


OFFERS: tuple[Offer, ...] = (
    _offer(
        "2",
        "current form: with motion and extensions",
        (RESOLUTION, MOTION, MODE, ANIMATE_MODE),
        extension_seconds=4,
    ),
    # The article's sample: the image's address inside the prompt; no motion, no extension.
    _offer("1", "oldest form: without them", (RESOLUTION, MODE, ANIMATE_MODE), extension_seconds=0),
)

# A flag in a prompt overrides the settings, even the number of clips (docs/vendor-contracts.md,
# sections 3.2 and 7, trap 21). The proxies search the whole text for flags; Midjourney reads a long
# dash as two short ones.
FLAG = re.compile(
    r"--[a-z]+|(?<!\S)[—–](?:video|end|motion|bs|loop|raw|fast|relax|turbo)\b",
    re.IGNORECASE,
)
CLIPS_PER_ORDER = 4


def path_of(offer: Offer, order: Order) -> str:
    """Return the path of an order; only the path sets the speed with every proxy.

    Source: docs/vendor-contracts.md, sections 3.1 and 3.2.
    """
    mode = check_parameters(offer, order.parameters)[MODE.name]
    return f"/mj-{mode}/mj/submit/video"


def body_of(offer: Offer, order: Order) -> dict[str, Value]:
    """Return the request's body in the offer's form, every value checked."""
    image, prompt = _image(order), _prompt(order)
    values = check_parameters(offer, order.parameters)
    settings: dict[str, Value] = {
        "videoType": VIDEO_TYPES[values[RESOLUTION.name]],
        "mode": values[MODE.name],
        "animateMode": ANIMATE_MODES[values[ANIMATE_MODE.name]],
    }
    if offer.schema_version == "1":
        if order.extends is not None:
            raise Refused("This form of CometAPI's orders has no extension. Choose the newer one.")
        return {"prompt": f"{image} {prompt}", **settings}
    motion = values[MOTION.name]
    return {
        "prompt": prompt,
        "image": image,
        "motion": motion,
        **settings,
        **_extension(order.extends),
        **_reference_and_webhook(order),
    }


def _extension(extends: Extension | None) -> dict[str, Value]:
    if extends is None:
        return {}
    if not 0 <= extends.number < CLIPS_PER_ORDER:
        raise Refused(f"CometAPI extends clip 1 to {CLIPS_PER_ORDER} of a job.")
    # Counted from 0 here, from 1 in buttons (docs/vendor-contracts.md, section 7, trap 13).
    return {"action": "extend", "index": extends.number, "taskId": extends.vendor_job_id}


def _reference_and_webhook(order: Order) -> dict[str, Value]:
    """Return our reference and our webhook address; gateways may drop the latter.

    Source: docs/vendor-contracts.md, section 3.7.
    """
    fields = {"state": order.reference, "notifyHook": order.webhook_url}
    return {name: value for name, value in fields.items() if value}


def _image(order: Order) -> str:
    image = order.image_url.strip()
    if not image.lower().startswith(("https://", "http://")):
        raise Refused("The image needs an address that starts with http:// or https://.")
    if not image.isprintable() or " " in image:
        raise Refused("The address of the image must not hold spaces.")
    return image


def _prompt(order: Order) -> str:
    # A lone surrogate, which UTF-8 cannot encode, becomes a question mark.
    prompt = order.prompt.encode("utf-8", "replace").decode().strip()
    if not prompt:
        raise Refused("Write a prompt first: CometAPI does not animate without one.")
    if flag := FLAG.search(prompt):
        raise Refused(
            f"Take “{flag.group()}” out of the prompt. "
            "CometAPI would obey it instead of the settings of this job."
        )
    return prompt
