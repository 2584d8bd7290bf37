"""Ordering once: what a form knows of the orders before it, and what is said of one that exists."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apps.core.form_guards import number_seen
from apps.core.htmx import go_to
from apps.jobs.models import Job
from apps.jobs.queries import last_order_of
from apps.jobs.services import DuplicateOrder
from apps.teams.access import MemberRequest

DOUBLE_CLICK = timedelta(seconds=5)


def last_order_seen_by(request: MemberRequest) -> int:
    """Return the number of this person's last job as the form knows it; a form that is new knows all."""
    seen = number_seen(request.POST, "last_order_seen")
    return last_order_of(request.member) if seen is None else seen


def redirect_to_order(request: MemberRequest, job: Job) -> HttpResponse:
    """Go to what was ordered; say so where it was ordered long before, by the same form: nothing new is made."""
    if timezone.now() - job.created_at > DOUBLE_CLICK:
        words = _(
            "This was ordered already, from the same page: nothing more was ordered. To have another take, "
            "press “Edit and rerun” here."
        )
        messages.warning(request, words)
    return go_to(request, job)


def duplicate_warning(fault: DuplicateOrder) -> SafeString:
    """Return what is asked before the same is ordered again, with the way to the order there is."""
    link = format_html('<a href="{}">{}</a>', fault.job.get_absolute_url(), fault.job)
    return format_html(fault.words, order=link)
