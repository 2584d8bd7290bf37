"""How a person wants to be told, and the link by which they are told no more."""

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from apps.activity import services
from apps.activity.forms import PreferencesForm
from apps.activity.making.mailing import line_topic, read_leave
from apps.activity.models import Preference
from apps.activity.topics import BY_KEY
from apps.core.htmx import go_to, render_page
from apps.teams.access import MemberRequest, member_required
from apps.teams.models import Member
from apps.teams.scoping import within


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def preferences(request: MemberRequest) -> HttpResponse:
    """Let somebody choose how they are told of what, in this team."""
    rows = Preference.objects.filter(team=request.member.team, user=request.user)
    wishes = {row.topic: (row.in_app, row.mail) for row in rows}
    form = PreferencesForm(wishes, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        services.prefer(request.member, form.wishes())
        messages.success(request, _("Your settings are saved."))
        return go_to(request, "activity:preferences")
    context = {
        "form": form,
        "mail_is_connected": settings.EMAIL_IS_CONNECTED,
    }
    status = 422 if form.errors else 200
    return render_page(request, "activity/preferences.html", context, status=status)


# No cookie counts here: the signed link alone says who leaves what, and mail programs press it
# without a page.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Stop mails about one topic, or about any, for whoever holds the link from a mail (RFC 8058)."""
    try:
        user, team, key = read_leave(token)
    except (signing.BadSignature, ValueError, TypeError):
        raise Http404 from None
    member = Member.objects.filter(user=user, team=team).select_related("team", "user").first()
    if request.method == "POST" and member:
        with within(member.team):
            services.leave_topic(member, key)
    words = line_topic(key) if key in BY_KEY else ""
    context = {"words": words, "team": member and member.team, "is_done": request.method == "POST"}
    return render(request, "activity/unsubscribe.html", context)
