"""Mails: the notices that are due for one person in one team are one message.

A claim moves the due time of its notices on. If a worker dies before the mail server has accepted
the message, another sends it. If it dies after that and before the notices are marked as mailed,
the message is sent twice: SMTP offers no better than "at least once". Both have the same
Message-ID, by which mail programs recognise duplicates.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from smtplib import SMTPException

import structlog
from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from apps.activity.digest import DigestLine, digest_of
from apps.activity.models import Notice
from apps.activity.notification_topics import all_topics
from apps.activity.subject_links import from_outside
from apps.activity.visibility import projects_hidden_from
from apps.activity.workers.mail_times import zone_of
from apps.teams.models import Member
from apps.teams.scoping import within

log = structlog.get_logger(__name__)

SALT = "apps.activity.unsubscribe"
MOST_NOTICES = 200  # in one message; the others are behind its link
MOST_TRIES = 8
CLAIM = timedelta(seconds=45)  # longer than a mail server is waited for
MOST_AT_ONCE = 20  # people claimed by one round


def claim_mails(now: datetime) -> list[tuple[int, int, str]]:
    """Claim mails that are due; return user, team and the end of the claim of each."""
    due = Notice.objects.filter(mail_at__lte=now)
    pairs = list(due.order_by().values_list("user_id", "team_id").distinct()[:MOST_AT_ONCE])
    until = now + max(settings.CLAIM, CLAIM)
    return [
        (user, team, until.isoformat())
        for user, team in pairs
        if due.filter(user=user, team=team).update(mail_at=until)
    ]


def send_mail(user_id: int, team_id: int, claimed: datetime, now: datetime | None = None) -> None:
    """Send one person the notices that were claimed for them, and mark them as mailed."""
    now = now or timezone.now()
    mine = Notice.objects.filter(user=user_id, team=team_id, mail_at=claimed)
    numbers = list(mine.values_list("pk", flat=True))
    member = (
        Member.objects.filter(user=user_id, team=team_id).select_related("team", "user").first()
    )
    notices = _readable(member, numbers) if member else []
    if member and notices:
        try:
            _send(member, notices)
        except (SMTPException, OSError) as fault:
            log.warning("mail_not_sent", person=user_id, team=team_id, reason=type(fault).__name__)
            _reschedule(numbers, notices[0].mail_tries, now)
            return
    sent = {notice.pk for notice in notices}
    Notice.objects.filter(pk__in=sent).update(mail_at=None, mailed_at=now)
    Notice.objects.filter(pk__in=set(numbers) - sent).update(mail_at=None)


def _readable(member: Member, numbers: Sequence[int]) -> list[Notice]:
    """Return the notices that are unread and of projects this person may still see."""
    if not member.user.is_active or member.team.is_suspended:
        return []
    mine = Notice.objects.filter(pk__in=numbers, read_at=None)
    numbers_of = mine.values_list("event__project_id", flat=True)
    projects = {number for number in numbers_of if number}
    with within(member.team, hidden=projects_hidden_from(member, projects)):
        mine = Notice.objects.filter(pk__in=numbers, read_at=None)
        return list(mine.select_related("event__actor", "event__team").order_by("-pk"))


def _reschedule(numbers: Sequence[int], tries: int, now: datetime) -> None:
    again = now + timedelta(minutes=2**tries) if tries < MOST_TRIES else None
    Notice.objects.filter(pk__in=numbers).update(mail_at=again, mail_tries=tries + 1)


def _send(member: Member, notices: Sequence[Notice]) -> None:
    # All projects may be named here: _readable() left out the notices of hidden ones.
    with within(member.team), timezone.override(zone_of(member.user)):
        lines = digest_of(notices[:MOST_NOTICES])
        context = {
            "team": member.team,
            "lines": [(line, from_outside(member.team, line.path)) for line in lines],
            "further": len(notices) - len(notices[:MOST_NOTICES]),
            "all": from_outside(member.team, reverse("activity:notices")),
            "unsubscribe": [
                (topic_label(key), _unsubscribe_url(member, key)) for key in _keys(lines)
            ],
            "settings": from_outside(member.team, reverse("activity:preferences")),
        }
        message = EmailMultiAlternatives(
            _subject(member, lines),
            render_to_string("activity/mail.txt", context),
            to=[member.user.email],
            headers=_headers(member, notices, _keys(lines)),
        )
        message.attach_alternative(render_to_string("activity/mail.html", context), "text/html")
        message.send()


def topic_label(key: str) -> str:
    """Return the label of a topic."""
    return str(all_topics()[key].label)


def _keys(lines: Iterable[DigestLine]) -> list[str]:
    return list(dict.fromkeys(line.topic.key for line in lines))


def _subject(member: Member, lines: Sequence[DigestLine]) -> str:
    team = " ".join(member.team.name.split())  # no line break reaches a header
    if len(lines) == 1:
        return f"{team}: {' '.join(lines[0].words.split())}"[:200]
    count = len(lines)
    news = ngettext("%(count)d notification", "%(count)d notifications", count) % {"count": count}
    return f"{team}: {news}"


def _headers(member: Member, notices: Sequence[Notice], keys: Sequence[str]) -> dict[str, str]:
    numbers = ",".join(str(notice.pk) for notice in notices)
    message_id = hashlib.sha256(numbers.encode()).hexdigest()[:32]
    host = settings.PUBLIC_URL.partition("://")[2].partition(":")[0] or "mjweb"
    unsubscribe_url = _unsubscribe_url(member, keys[0] if len(keys) == 1 else "")
    return {
        "Message-ID": f"<{message_id}@{host}>",
        "List-Unsubscribe": f"<{unsubscribe_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",  # RFC 8058
        "Auto-Submitted": "auto-generated",
    }


def _unsubscribe_url(member: Member, key: str) -> str:
    token = signing.dumps([member.user_id, member.team_id, key], salt=SALT)
    return f"{settings.PUBLIC_URL}{reverse('activity:unsubscribe', args=[token])}"


def read_unsubscribe_token(token: str) -> tuple[int, int, str]:
    """Return user, team and topic of an unsubscribe link, "" for all topics; raise BadSignature."""
    user, team, key = signing.loads(token, salt=SALT)
    return int(user), int(team), str(key)
