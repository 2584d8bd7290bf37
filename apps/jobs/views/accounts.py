"""The team's vendor accounts: connecting, limits, and how each of them is doing."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.errors import DomainError
from apps.core.htmx import go_to, render_page
from apps.jobs import services
from apps.jobs.forms import AccountForm, LimitsForm
from apps.jobs.models import VendorAccount
from apps.jobs.queries import accounts_of_team
from apps.teams.access import MemberRequest, member_required
from apps.teams.roles import Permission


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def accounts(request: MemberRequest) -> HttpResponse:
    """Show the team's vendor accounts; owners connect another."""
    if request.method == "POST":
        request.member.require(Permission.CONNECT)
    form = AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.connect_account(request.member, **form.account())
        except DomainError as problem:
            form.add_error("name", str(problem))
        else:
            messages.success(request, _("Vendor connected."))
            if form.warning:
                messages.warning(request, form.warning)
            return go_to(request, "jobs:accounts")
    return _page(request, form, status=422 if form.errors else 200)


def _page(
    request: MemberRequest,
    form: AccountForm,
    *,
    limits: LimitsForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show all accounts, each with its limits; `limits` is the form that came back."""
    rows: list[dict[str, Any]] = []
    for standing in accounts_of_team(request.member.team):
        is_back = limits is not None and limits.account == standing.account
        rows.append(
            {"standing": standing, "limits": limits if is_back else LimitsForm(standing.account)}
        )
    return render_page(request, "jobs/accounts.html", {"rows": rows, "form": form}, status=status)


def _account(pk: int) -> VendorAccount:
    return get_object_or_404(VendorAccount.objects.select_related("lane"), pk=pk)


@require_POST
@member_required
def set_open(request: MemberRequest, pk: int) -> HttpResponse:
    """Let an account take orders, or stop it."""
    services.set_open(request.member, _account(pk), is_open=request.POST.get("is_open") == "yes")
    return go_to(request, "jobs:accounts")


@require_POST
@member_required
def set_limits(request: MemberRequest, pk: int) -> HttpResponse:
    """Say what the vendor allows this account."""
    account = _account(pk)
    request.member.require(Permission.CONNECT)
    form = LimitsForm(account, request.POST)
    if not form.is_valid():
        return _page(request, AccountForm(), limits=form, status=422)
    services.set_limits(request.member, account, **form.cleaned_data)
    messages.success(request, _("Limits of %s saved.") % account.name)
    return go_to(request, "jobs:accounts")


@require_POST
@member_required
def refresh(request: MemberRequest, pk: int) -> HttpResponse:
    """Have a vendor asked for balance and prices."""
    services.refresh_now(request.member, _account(pk))
    messages.info(request, _("Asking the vendor. Its answer appears here in a moment."))
    return go_to(request, "jobs:accounts")
