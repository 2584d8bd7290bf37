"""Guards against ordering twice: the last order that a form has seen, and the warning."""

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

# The same form again within this time is a double click, not a second visit.
DOUBLE_CLICK = timedelta(seconds=5)


def last_order_seen_by(request: MemberRequest) -> int:
    """Return the number of the last job when the form was opened; in a new form, the last one."""
    seen = number_seen(request.POST, "last_order_seen")
    return last_order_of(request.member) if seen is None else seen


def redirect_to_order(request: MemberRequest, job: Job) -> HttpResponse:
    """Go to the ordered job; say so where the same form had ordered it earlier."""
    if timezone.now() - job.created_at > DOUBLE_CLICK:
        words = _(
            "This page ordered this job already. Nothing more was ordered. "
            "For another take, press “Edit and rerun” here."
        )
        messages.warning(request, words)
    return go_to(request, job)


def duplicate_warning(fault: DuplicateOrder) -> SafeString:
    """Return the question before the same is ordered again, with a link to that order."""
    link = format_html('<a href="{}">{}</a>', fault.job.get_absolute_url(), fault.job)
    return format_html(fault.words, order=link)
