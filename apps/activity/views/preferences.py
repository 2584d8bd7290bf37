"""Notification settings, and the link in a mail that unsubscribes."""

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
from apps.activity.models import Preference
from apps.activity.notification_topics import all_topics
from apps.activity.workers.mailing import read_unsubscribe_token, topic_label
from apps.core.htmx import go_to, render_page
from apps.teams.access import MemberRequest, member_required
from apps.teams.models import Member
from apps.teams.scoping import within


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def preferences(request: MemberRequest) -> HttpResponse:
    """Show and save how a person is notified in this team."""
    rows = Preference.objects.filter(team=request.member.team, user=request.user)
    choices = {row.topic: (row.in_app, row.mail) for row in rows}
    form = PreferencesForm(choices, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        services.save_preferences(request.member, form.choices())
        messages.success(request, _("Settings saved."))
        return go_to(request, "activity:preferences")
    context = {
        "form": form,
        "mail_is_connected": settings.EMAIL_IS_CONNECTED,
    }
    status = 422 if form.errors else 200
    return render_page(request, "activity/preferences.html", context, status=status)


# The signed link alone says who unsubscribes from what: mail programs send it without a page or
# a cookie.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """End mails about one topic, or about all, for whoever has the link from a mail (RFC 8058)."""
    try:
        user, team, key = read_unsubscribe_token(token)
    except (signing.BadSignature, ValueError, TypeError):
        raise Http404 from None
    member = Member.objects.filter(user=user, team=team).select_related("team", "user").first()
    if request.method == "POST" and member:
        with within(member.team):
            services.unsubscribe(member, key)
    words = topic_label(key) if key in all_topics() else ""
    context = {"words": words, "team": member and member.team, "is_done": request.method == "POST"}
    return render(request, "activity/unsubscribe.html", context)
