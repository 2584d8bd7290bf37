from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.activity.models import Notice, Preference
from apps.activity.notification_topics import all_topics
from apps.teams.scoping import everywhere, within
from tests.activity.conftest import ordered_job, run_fan_out, save_clip, topics
from tests.support.factories import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("local_files")]
NOTICES = reverse("activity:notices")


@pytest.fixture
def two(creator):
    first = ordered_job(creator)
    save_clip(first)
    save_clip(ordered_job(creator, image=first.image))
    run_fan_out()
    return first.project


def test_the_bell_says_how_many_are_unread_on_every_page(creator, two):
    client = client_of(creator)
    assert "2 unread notifications" in client.get(reverse("projects:list")).content.decode()
    assert "2 unread notifications" in client.get(reverse("activity:bell")).content.decode()


def test_many_finished_jobs_of_a_project_are_one_line(creator, two):
    page = client_of(creator).get(NOTICES).content.decode()
    assert f"2 new clips in {two.name}." in page
    assert f"{reverse('gallery:grid')}?project={two.public_id}" in page


def test_reading_one_line_marks_its_notices_and_no_other_persons(creator, reviewer, two):
    client = client_of(creator)
    with everywhere():
        theirs = list(Notice.objects.filter(user=reviewer.user).values_list("pk", flat=True))
        mine = list(Notice.objects.filter(user=creator.user).values_list("pk", flat=True))
    client.post(
        reverse("activity:mark_read"), {"numbers": ",".join(map(str, [*mine, *theirs, "x", ""]))}
    )
    assert topics(creator, read_at=None) == []
    assert len(topics(reviewer, read_at=None)) == 2
    assert "none unread" in client.get(NOTICES).content.decode()


def test_all_notices_are_marked_read_at_once(creator, two):
    client_of(creator).post(reverse("activity:mark_read"), {"all": "yes"})
    assert topics(creator, read_at=None) == []


def test_marking_without_an_id_marks_nothing(creator, two):
    client_of(creator).post(reverse("activity:mark_read"))
    assert len(topics(creator, read_at=None)) == 2


def test_the_unread_filter_shows_unread_notices_and_says_when_there_are_none(creator, two):
    client = client_of(creator)
    client.post(reverse("activity:mark_read"), {"all": "yes"})
    assert "You're all caught up" in client.get(NOTICES, {"show": "unread"}).content.decode()
    assert two.name in client.get(NOTICES).content.decode()


def test_a_newcomer_sees_an_explanation_instead_of_notices(viewer):
    assert "No notifications yet" in client_of(viewer).get(NOTICES).content.decode()


def test_earlier_notices_are_listed_apart_from_todays(creator, two):
    with everywhere():
        Notice.objects.filter(user=creator.user).update(
            created_at=timezone.now() - timedelta(days=2)
        )
    page = client_of(creator).get(NOTICES)
    assert page.context["today"] == []
    assert len(page.context["earlier"]) == 1


def test_the_page_of_notices_costs_the_same_however_many(
    creator, two, django_assert_max_num_queries
):
    client = client_of(creator)
    client.get(NOTICES)
    with django_assert_max_num_queries(15) as few:
        client.get(NOTICES)
    for _ in range(5):
        save_clip(ordered_job(creator))
    run_fan_out()
    with django_assert_max_num_queries(len(few)):
        client.get(NOTICES)


def test_preferences_are_kept_for_the_person_and_the_team(creator, reviewer):
    client = client_of(creator)
    given = {f"{topic.key}_mail": "daily" for topic in all_topics().values()} | {
        "saved_app": "on",
        "saved_mail": "now",
    }
    assert client.post(reverse("activity:preferences"), given).status_code == 302
    with within(creator.team):
        kept = {
            row.topic: (row.in_app, row.mail)
            for row in Preference.objects.filter(user=creator.user)
        }
        assert not Preference.objects.filter(user=reviewer.user).exists()
    assert kept["saved"] == (True, "now")
    assert kept["failed"] == (False, "daily")
    assert 'value="now" selected' in client.get(reverse("activity:preferences")).content.decode()


def test_an_unknown_mail_frequency_is_refused(creator):
    given = {f"{topic.key}_mail": "daily" for topic in all_topics().values()} | {
        "saved_mail": "by pigeon"
    }
    answer = client_of(creator).post(reverse("activity:preferences"), given)
    assert answer.status_code == 422
    assert "by pigeon" in answer.content.decode()


def test_notification_settings_say_that_there_is_no_mail_server(creator, settings):
    settings.EMAIL_IS_CONNECTED = False
    assert (
        "no mail server" in client_of(creator).get(reverse("activity:preferences")).content.decode()
    )
