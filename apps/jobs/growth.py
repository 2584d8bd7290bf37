"""Whether a clip can grow by further parts: one rule for pages and for orders."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from apps.vendors.offer import Offer


def why_cannot_grow(
    offer: Offer, parameters: Mapping[str, object], *, extensions: int, further: int = 1
) -> str:
    """Return why a clip with so many extensions can get no `further` ones; "" where it can."""
    if not further:
        return ""
    if not offer.extension_seconds:
        return _("%s can't extend clips.") % offer.vendor_name
    most = offer.max_seconds
    if offer.seconds_of(parameters, extensions + 1) > most:
        return _("This clip has the maximum length: %s s.") % most
    seconds = offer.seconds_of(parameters, extensions + further)
    if seconds > most:
        words = _("A clip can have up to %(most)s s. This would be %(seconds)s s.")
        return words % {"most": most, "seconds": seconds}
    return ""
