"""The pages about money."""

from dataclasses import replace
from itertools import chain
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.budgets import services
from apps.budgets.charts import Bar, DayChart, bars, day_chart
from apps.budgets.export import as_csv
from apps.budgets.filters import choices, month_name, read_filters
from apps.budgets.forms import BudgetForm, CostForm, LimitForm, PriceForm
from apps.budgets.models import Budget, LedgerEntry, LedgerEntryQuerySet, Price
from apps.budgets.months import Month
from apps.budgets.queries import (
    BudgetUse,
    budget_use,
    budget_uses,
    cost_of_submission,
    expected_refunds,
    refund_totals,
    shares,
    totals,
)
from apps.budgets.states import Kind, Level
from apps.budgets.unpriced import correctable_charge, unknown_cost_count, with_correctable
from apps.core.errors import DomainError
from apps.core.events import record
from apps.core.htmx import go_to, render_page
from apps.core.paging import newest_first
from apps.core.serving import stream_chunks
from apps.teams.access import MemberRequest, member_required
from apps.teams.models import Team
from apps.teams.roles import Permission
from apps.vendors.offer import Offer
from apps.vendors.registry import all_offers

PAGE_SIZE = 50
MAX_REFUNDS = 50  # on the overview
PARTS = {"results": "results"}


def _offers() -> list[Offer]:
    return list(chain.from_iterable(all_offers().values()))


def _vendors() -> dict[str, str]:
    return {offer.vendor: offer.vendor_name for offer in _offers()}


@require_safe
@member_required
def overview(request: MemberRequest) -> HttpResponse:
    """Show a month's spending by day, project, person and vendor, and expected refunds."""
    request.member.require(Permission.SPEND)
    team = request.member.team
    vendors = _vendors()
    now = Month.of(timezone.now())
    filters = read_filters(request.GET, team, vendors, now)
    month = filters.month or now
    entries = filters.entries()
    refunds = expected_refunds(entries)
    context = {
        "filters": filters,
        "month": month_name(month),
        "chips": filters.chips(),
        "choices": choices(filters, vendors),
        "totals": totals(entries),
        "bought": entries.filter(kind=Kind.HOLD).count(),
        "unknown": unknown_cost_count(entries),
        "days": _days(month, entries),
        "by": [(what, words, _bars(entries, what, vendors)) for what, words in _breakdowns()],
        "refunds": list(refunds[:MAX_REFUNDS]),
        "owed": refund_totals(refunds),
        "alarms": _alarms(team),
    }
    return render_page(request, "budgets/overview.html", context, parts=PARTS)


def _breakdowns() -> list[tuple[str, str]]:
    return [("project", _("By project")), ("person", _("By person")), ("vendor", _("By vendor"))]


def _days(month: Month, entries: LedgerEntryQuerySet) -> DayChart:
    return day_chart(month.days, shares(entries, "day"))


def _bars(entries: LedgerEntryQuerySet, what: str, vendors: dict[str, str]) -> list[Bar]:
    return bars(
        [
            replace(share, name=vendors.get(share.name, share.name))
            for share in shares(entries, what)
        ]
    )


def _alarms(team: Team) -> list[BudgetUse]:
    return [one for one in _budget_uses(team) if one.level != Level.FINE]


def _budget_uses(team: Team) -> list[BudgetUse]:
    active = Budget.objects.filter(team=team, is_active=True).select_related("project", "person")
    return sorted(budget_uses(active), key=lambda one: (-one.percent, one.budget.pk))


@require_safe
@member_required
def ledger(request: MemberRequest) -> HttpResponse:
    """Show the ledger, newest first."""
    request.member.require(Permission.SPEND)
    vendors = _vendors()
    filters = read_filters(request.GET, request.member.team, vendors)
    found = with_correctable(filters.entries()).with_project_names().select_related("person")
    context = {
        "filters": filters,
        "chips": filters.chips(),
        "choices": choices(filters, vendors),
        "page": newest_first(found, request.GET.get("after", ""), size=PAGE_SIZE),
        "vendors": vendors,
    }
    return render_page(request, "budgets/ledger.html", context, parts=PARTS)


@require_safe
@member_required
def ledger_csv(request: MemberRequest) -> HttpResponseBase:
    """Send the ledger as CSV, with the filters of the page."""
    request.member.require(Permission.SPEND)
    filters = read_filters(request.GET, request.member.team, _vendors())
    if request.method == "GET":
        facts = {"what": "money", "format": "csv", "filters": filters.as_facts()}
        record("exported", request.member.team, actor=request.user, **facts)
    name = f"money-{filters.month or 'all'}.csv"
    response = StreamingHttpResponse(
        stream_chunks(request, as_csv(filters.entries().with_project_names())),
        content_type="text/csv; charset=utf-8",
    )
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def cost(request: MemberRequest, pk: int) -> HttpResponse:
    """Show the cost of one submission, and take its cost where it is unknown."""
    request.member.require(Permission.SPEND)
    entry = get_object_or_404(
        LedgerEntry.objects.with_project_names().select_related("person"), pk=pk
    )
    form = CostForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        services.correct_cost(request.member, entry, given["usd"], given["source"])
        messages.success(request, _("Cost saved in the ledger."))
        return go_to(request, "budgets:cost", pk)
    same = LedgerEntry.objects.filter(order=entry.order, submission_number=entry.submission_number)
    context = {
        "form": form,
        "line": entry,
        "cost": cost_of_submission(entry),
        "is_correctable": correctable_charge(entry.order, entry.submission_number) is not None,
        "correction": same.filter(kind=Kind.CORRECTED).first(),
    }
    return render_page(request, "budgets/cost.html", context, status=422 if form.errors else 200)


@require_POST
@member_required
def refund_missing(request: MemberRequest, pk: int) -> HttpResponse:
    """Mark a refund as missing."""
    request.member.require(Permission.SPEND)
    entry = get_object_or_404(LedgerEntry, pk=pk)
    services.mark_refund_missing(request.member, entry)
    messages.success(request, _("Refund marked as missing. It counts as spent."))
    return go_to(request, f"{reverse('budgets:overview')}?month={Month.of(entry.bought_at)}")


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def prices(request: MemberRequest) -> HttpResponse:
    """Show the price book, and set a price."""
    request.member.require(Permission.SPEND)
    book = services.price_book(request.member.team, _offers())
    form = PriceForm(book, request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("usd", "source", "valid_from")}
        services.set_price(request.member, entry=form.entry, **given)
        messages.success(request, _("Price saved."))
        return go_to(request, "budgets:prices")
    history = newest_first(
        Price.objects.select_related("created_by"), request.GET.get("after", ""), size=PAGE_SIZE
    )
    context = {
        "book": book,
        "form": form,
        "history": history,
        "vendors": _vendors(),
        "now": timezone.now(),
    }
    return render_page(request, "budgets/prices.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def budgets(request: MemberRequest) -> HttpResponse:
    """Show the budgets and their use, and set a new one."""
    request.member.require(Permission.SPEND)
    form = BudgetForm(request.member.team, request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("period", "limit_usd", "warn_percent")}
        try:
            services.set_budget(request.member, **form.of, **given)
        except DomainError as problem:
            form.add_error("scope", str(problem))
        else:
            messages.success(request, _("Budget created."))
            return go_to(request, "budgets:budgets")
    context = {"form": form, "budget_uses": _budget_uses(request.member.team)}
    return render_page(request, "budgets/budgets.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def change(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Raise, lower or end a budget."""
    request.member.require(Permission.SPEND)
    rows = Budget.objects.filter(is_active=True).select_related("project", "person")
    budget = get_object_or_404(rows, public_id=public_id)
    initial = {
        "limit_usd": f"{budget.limit_usd.normalize():f}",
        "warn_percent": budget.warn_percent,
    }
    form = LimitForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        services.change_budget(request.member, budget, **form.cleaned_data)
        messages.success(request, _("Budget saved. It applies to the next order."))
        return go_to(request, "budgets:budgets")
    context = {"form": form, "budget_use": budget_use(budget)}
    return render_page(request, "budgets/change.html", context, status=422 if form.errors else 200)


@require_POST
@member_required
def end(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """End a budget."""
    request.member.require(Permission.SPEND)
    budget = get_object_or_404(Budget, public_id=public_id)
    services.end_budget(request.member, budget)
    messages.success(request, _("Budget ended."))
    return go_to(request, "budgets:budgets")
