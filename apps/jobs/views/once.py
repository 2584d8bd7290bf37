"""Ordering once: what a form knows of the orders before it, and what is said of one that exists."""

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apps.jobs.queries import newest_of
from apps.jobs.services import OrderedTwice
from apps.teams.access import MemberRequest


def newest_known(request: MemberRequest) -> int:
    """Return the number of this person's last job as the form knows it; a form that is new knows all."""
    try:
        return int(request.POST.get("newest", ""))
    except ValueError:
        return newest_of(request.member)


def told_of_twice(fault: OrderedTwice) -> SafeString:
    """Return what is asked before the same is ordered again, with the way to the order there is."""
    words = _(
        "You have ordered exactly this since you opened this page: {order}. Press again to order it once more."
    )
    return format_html(words, order=_link(fault.job.get_absolute_url(), str(fault.job)))


def _link(address: str, words: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', address, words)
