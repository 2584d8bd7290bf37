"""Mails, through the same round and worker step that a schedule runs."""

import re
from datetime import UTC, datetime, timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail as outbox
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse

from apps.activity.models import Notice, Preference
from apps.activity.services import mark_read, save_preferences
from apps.activity.tasks import send_mail
from apps.activity.workers import mailing
from apps.activity.workers.mail_times import mail_time
from apps.activity.workers.mailing import claim_mails
from apps.core.event_registry import MailFrequency
from apps.jobs.states import State
from apps.teams.scoping import everywhere, within
from tests.activity.conftest import NOON, ordered_job, run_fan_out, save_clip, topics
from tests.support.cases import case

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("local_files", "mail_server")]


class Unreachable(EmailBackend):
    """A mail server that hangs up."""

    def send_messages(self, messages):
        raise SMTPServerDisconnected("gone")


def wishes(member, pace, *keys):
    with within(member.team):
        save_preferences(member, dict.fromkeys(keys or ("saved",), (True, pace)))


def send_due_mails(now):
    """What a round and its workers mail at this moment."""
    outbox.outbox.clear()
    with everywhere():
        claims = claim_mails(now)
    for claim in claims:
        send_mail(*claim)
    return list(outbox.outbox)


@pytest.fixture
def saved_job(creator):
    """Give a creator with mails at once two saved clips of one project, notified at noon."""
    wishes(creator, MailFrequency.NOW)
    first = ordered_job(creator)
    save_clip(first)
    save_clip(ordered_job(creator, image=first.image))
    run_fan_out(NOON)
    return first


SOON = NOON + timedelta(minutes=1)


def test_events_of_the_same_minute_are_one_mail_per_person(creator, reviewer, saved_job):
    (message,) = send_due_mails(SOON)
    assert message.to == [creator.user.email]
    assert f"2 new clips in {saved_job.project.name}." in message.body
    assert message.subject.startswith(creator.team.name)
    html, kind = message.alternatives[0]
    assert kind == "text/html"
    assert saved_job.project.name in html


def test_a_mail_is_sent_once(saved_job):
    assert len(send_due_mails(SOON)) == 1
    assert send_due_mails(SOON + timedelta(days=2)) == []


def test_two_rounds_at_once_claim_a_mail_once(saved_job):
    with everywhere():
        assert len(claim_mails(SOON)) == 1
        assert claim_mails(SOON) == []


def test_a_worker_that_dies_before_sending_is_followed_by_another(saved_job):
    with everywhere():
        claim_mails(SOON)  # and its worker is killed
    assert send_due_mails(SOON + timedelta(seconds=1)) == []
    assert len(send_due_mails(SOON + mailing.CLAIM + timedelta(seconds=61))) == 1


def test_a_mail_sent_twice_has_the_same_message_id(saved_job, creator):
    (first,) = send_due_mails(SOON)
    with everywhere():  # as if the worker had died before it could write down that it was sent
        Notice.objects.filter(user=creator.user).update(mail_at=SOON, mailed_at=None)
    (second,) = send_due_mails(SOON)
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]


def test_a_failing_mail_server_is_retried_with_growing_pauses_and_then_given_up(
    saved_job, settings, creator
):
    settings.EMAIL_BACKEND = f"{__name__}.Unreachable"
    now, pauses = SOON, []
    for _ in range(mailing.MOST_TRIES + 1):
        with everywhere():
            (claim,) = claim_mails(now)
            mailing.send_mail(claim[0], claim[1], datetime.fromisoformat(claim[2]), now)
            due = (
                Notice.objects.filter(user=creator.user, topic="saved")
                .values_list("mail_at", flat=True)
                .first()
            )
        if due is None:
            break
        pauses.append(due - now)
        now = due
    assert due is None
    assert pauses == sorted(pauses)
    assert topics(creator) == ["saved", "saved"]


def test_a_notice_read_meanwhile_is_not_mailed(saved_job, creator):
    with within(creator.team):
        mark_read(creator)
    assert send_due_mails(SOON) == []
    assert send_due_mails(SOON + timedelta(days=1)) == []


def test_a_former_member_gets_no_mail(saved_job, creator):
    creator.delete()
    assert send_due_mails(SOON) == []


def test_a_project_hidden_meanwhile_is_not_mailed_about(saved_job, private_for_owners):
    assert send_due_mails(SOON) == []


def test_without_a_mail_server_nothing_waits_to_be_mailed(creator, settings):
    settings.EMAIL_IS_CONNECTED = False
    wishes(creator, MailFrequency.NOW)
    save_clip(ordered_job(creator))
    run_fan_out(NOON)
    with everywhere():
        assert not Notice.objects.filter(mail_at__isnull=False).exists()


MAIL_TIMES = [
    (MailFrequency.HOURLY, "", NOON, datetime(2030, 3, 1, 13, tzinfo=UTC)),
    (MailFrequency.DAILY, "", NOON, datetime(2030, 3, 2, 8, tzinfo=UTC)),
    (MailFrequency.DAILY, "Asia/Tokyo", NOON, datetime(2030, 3, 1, 23, tzinfo=UTC)),
    (MailFrequency.DAILY, "America/New_York", NOON, datetime(2030, 3, 1, 13, tzinfo=UTC)),
    # The clock goes forward in the night between.
    (
        MailFrequency.DAILY,
        "Europe/Berlin",
        datetime(2030, 3, 30, 12, tzinfo=UTC),
        datetime(2030, 3, 31, 6, tzinfo=UTC),
    ),
    (MailFrequency.DAILY, "No/Where", NOON, datetime(2030, 3, 2, 8, tzinfo=UTC)),
    (MailFrequency.NEVER, "", NOON, None),
]


def test_a_digest_comes_hourly_or_at_eight_in_the_persons_time_zone(creator):
    for pace, zone, now, due in MAIL_TIMES:
        with case((pace, zone, now, due)):
            creator.user.time_zone = zone
            assert mail_time(pace, creator.user, now) == due


def test_a_team_whose_name_breaks_lines_breaks_no_header(saved_job, creator):
    creator.team.name = "Us\r\nBcc: everybody@example.com"
    creator.team.save()
    (message,) = send_due_mails(SOON)
    assert message.subject.startswith("Us Bcc: everybody@example.com")
    message.message()  # which refuses line breaks in headers


def test_a_mail_shows_no_markup_that_somebody_typed(saved_job, creator):
    saved_job.project.name = "<script>alert(1)</script>"
    with within(creator.team):
        saved_job.project.save()
    (message,) = send_due_mails(SOON)
    assert "<script>" not in message.alternatives[0][0]
    assert "<script>" in message.body  # which is plain text


def leave_of(message):
    return (
        message.extra_headers["List-Unsubscribe"].strip("<>").partition("://")[2].partition("/")[2]
    )


def test_one_click_unsubscribe_ends_the_mails_of_its_topic(saved_job, creator):
    (message,) = send_due_mails(SOON)
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    client = Client(enforce_csrf_checks=True)
    answer = client.post(f"/{leave_of(message)}", {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    with within(creator.team):
        assert Preference.objects.get(user=creator.user, topic="saved").mail == MailFrequency.NEVER
        assert not Preference.objects.filter(user=creator.user, topic="failed").exists()


def test_opening_the_unsubscribe_link_asks_first(saved_job, creator):
    (message,) = send_due_mails(SOON)
    page = Client().get(f"/{leave_of(message)}")
    assert "Unsubscribe?" in page.content.decode()
    with within(creator.team):
        assert Preference.objects.get(user=creator.user, topic="saved").mail == MailFrequency.NOW


def test_unsubscribing_cancels_mails_that_wait(saved_job, creator):
    (message,) = send_due_mails(SOON)
    save_clip(ordered_job(creator))
    run_fan_out(SOON)
    Client().post(f"/{leave_of(message)}")
    assert send_due_mails(SOON + timedelta(hours=1)) == []


def test_a_digest_of_several_kinds_has_a_link_for_each_and_one_for_all(creator):
    wishes(creator, MailFrequency.DAILY, "saved", "failed")
    job = ordered_job(creator, State.SUBMITTING)
    with within(creator.team):
        job.move(State.FAILED)
    save_clip(ordered_job(creator))
    run_fan_out(NOON)
    (message,) = send_due_mails(NOON + timedelta(days=1))
    assert len(set(re.findall(r"/activity/unsubscribe/\S+/", message.body))) == 2
    Client().post(f"/{leave_of(message)}")
    with within(creator.team):
        assert set(Preference.objects.filter(user=creator.user).values_list("mail", flat=True)) == {
            MailFrequency.NEVER
        }


def test_a_forged_unsubscribe_link_is_404(client):
    assert client.post(reverse("activity:unsubscribe", args=["made:up"])).status_code == 404


def test_a_link_in_a_mail_opens_its_team(saved_job):
    (message,) = send_due_mails(SOON)
    assert "http" in message.body
    assert reverse("activity:preferences") in message.body.replace("%2F", "/")
