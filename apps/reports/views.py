"""Pages about the cost per clip."""

from django.http import HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.budgets.filters import month_name
from apps.budgets.months import Month
from apps.budgets.services import spend_on_hidden_projects
from apps.core.events import record
from apps.core.htmx import render_page
from apps.jobs.models import VendorAccount
from apps.reports.clip_costs import as_csv, per_clip, total_of
from apps.teams.access import MemberRequest, member_required
from apps.teams.roles import Permission


@require_safe
@member_required
def clips(request: MemberRequest) -> HttpResponse:
    """Show the month's cost per saved clip, and the balances at the vendors."""
    request.member.require(Permission.SPEND)
    team, month = request.member.team, _month(request)
    headings = {
        "project": _("By project"),
        "person": _("By person"),
        "vendor": _("By vendor"),
        "day": _("By day"),
    }
    tables = [(what, words, per_clip(team, month, what)) for what, words in headings.items()]
    context = {
        "month": month,
        "month_name": month_name(month),
        "is_now": month == Month.of(timezone.now()),
        "tables": tables,
        "total": total_of(tables[2][2]),
        "out_of_sight": spend_on_hidden_projects(team, month.start, month.end),
        "accounts": VendorAccount.objects.order_by("pk"),
    }
    return render_page(request, "reports/clips.html", context)


@require_safe
@member_required
def clips_csv(request: MemberRequest) -> HttpResponse:
    """Send the same month as CSV."""
    request.member.require(Permission.SPEND)
    team, month = request.member.team, _month(request)
    if request.method == "GET":
        record(
            "exported", team, actor=request.user, what="clip_costs", format="csv", month=str(month)
        )
    response = HttpResponse("\ufeff" + as_csv(team, month), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = (
        content_disposition_header(True, f"cost-per-clip-{month}.csv") or ""
    )
    return response


def _month(request: MemberRequest) -> Month:
    return Month.parse(request.GET.get("month", "")) or Month.of(timezone.now())
