"""Outgoing hooks: made on their page, told by the round, called by the worker's step."""

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.activity.making.calling import (
    AT_ONCE,
    CLAIM,
    OFF_AFTER,
    PAUSES,
    call,
    claim_calls,
    signature,
)
from apps.activity.models import Delivery, Event, Hook
from apps.activity.services import redeliver, send_test
from apps.activity.states import Fate, Style
from apps.core.outbound import FetchRefused, FetchTryLater, PostResult, post
from apps.core.secrets import seal, unseal
from apps.jobs.states import Verdict
from apps.reviews.services import decide
from apps.teams.scoping import everywhere, within
from tests.activity.conftest import NOON, ordered, saved, told, topics
from tests.support.house import a_delivery, a_hook, client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("local_files")]
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Receiver:
    """The other side: keeps what it is sent, and answers as it was told to."""

    def __init__(self, *answers):
        self.answers, self.heard = list(answers), []

    def __call__(self, url, content, *, headers, timeout):
        self.heard.append((url, content.decode(), headers))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return PostResult(status=answer, text="thank you")


def called(delivery, receiver, now=None):
    with everywhere():
        call(
            Delivery.objects.select_related("hook").get(pk=delivery.pk),
            now or timezone.now(),
            send=receiver,
        )
        return Delivery.objects.select_related("hook").get(pk=delivery.pk)


def test_the_signature_is_that_of_the_standards_own_example():
    signed = signature(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, '{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_is_called_can_be_verified_by_the_receiver(team):
    receiver = Receiver(204)
    called(a_delivery(team, body='{"type": "saved"}'), receiver, NOON)
    url, body, headers = receiver.heard[0]
    assert url == "https://hooks.example/in"
    said = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}".encode()
    digest = hmac.new(b64decode(SECRET.removeprefix("whsec_")), said, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{b64encode(digest).decode()}"
    assert int(headers["webhook-timestamp"]) == int(NOON.timestamp())


def test_a_saved_clip_is_called_out_without_its_prompt(creator):
    hook = a_hook(creator.team)
    job = ordered(creator)
    saved(job)
    told()
    with everywhere():
        (delivery,) = hook.deliveries.all()
    body = json.loads(delivery.body)
    assert body["type"] == "saved"
    assert body["data"]["team"] == creator.team.name
    assert body["data"]["id"] == str(job.public_id)
    assert job.project.name in body["data"]["words"]
    assert job.prompt_text not in delivery.body
    assert "127.0.0.1:9/" not in delivery.body  # the vendor's address


def test_slack_gets_a_text_in_which_nothing_typed_is_its_own_markup(creator, reviewer):
    hook = a_hook(creator.team, style=Style.SLACK, sealed_secret="")
    job = ordered(creator)
    with within(creator.team):
        job.project.name = "<!channel> & friends"
        job.project.save()
    saved(job)
    told()
    with everywhere():
        (delivery,) = hook.deliveries.all()
    receiver = Receiver(200)
    called(delivery, receiver)
    _url, body, headers = receiver.heard[0]
    assert set(json.loads(body)) == {"text"}
    assert "&lt;!channel&gt; &amp; friends" in json.loads(body)["text"]
    assert "webhook-signature" not in headers


def test_a_hook_hears_only_what_was_chosen_and_only_while_it_is_on(creator, reviewer):
    chosen = a_hook(creator.team, topics=["approved"])
    off = a_hook(creator.team, is_on=False)
    clip = saved(ordered(creator))
    with within(creator.team):
        decide(reviewer, clip, Verdict.APPROVED)
    told()
    told()
    with everywhere():
        assert [one.topic for one in chosen.deliveries.all()] == ["approved"]
        assert not off.deliveries.exists()


def test_another_teams_hook_hears_nothing(creator, stranger):
    hook = a_hook(stranger.team)
    saved(ordered(creator))
    told()
    with everywhere():
        assert not hook.deliveries.exists()


def test_of_private_projects_no_hook_hears(creator, private_for_owners):
    hook = a_hook(creator.team)
    saved(ordered(creator))
    told()
    with everywhere():
        assert not hook.deliveries.exists()


def test_a_delivery_that_came_through_is_not_tried_again(team):
    receiver, delivery = Receiver(200), a_delivery(team)
    delivery = called(delivery, receiver)
    called(delivery, receiver)
    assert len(receiver.heard) == 1
    assert (delivery.fate, delivery.status, delivery.answer, delivery.next_at) == (
        Fate.SENT,
        200,
        "thank you",
        None,
    )


def test_what_fails_is_tried_with_growing_pauses_for_a_day_and_then_given_up(team):
    receiver, delivery, now, pauses = Receiver(500), a_delivery(team), NOON, []
    while delivery.fate == Fate.WAITING:
        delivery = called(delivery, receiver, now)
        if delivery.next_at:
            pauses.append(delivery.next_at - now)
            now = delivery.next_at
    assert pauses == sorted(pauses) == [timedelta(seconds=pause) for pause in PAUSES]
    assert timedelta(hours=20) < now - NOON < timedelta(days=2)
    assert delivery.fate == Fate.GIVEN_UP
    assert len({headers["webhook-id"] for _url, _body, headers in receiver.heard}) == 1


@pytest.mark.parametrize(
    "fault",
    [FetchTryLater("It takes too long."), FetchRefused("The address is forbidden."), 302, 404],
)
def test_whatever_is_no_yes_is_a_failure_with_its_reason(team, fault):
    delivery = called(a_delivery(team), Receiver(fault))
    assert delivery.fate == Fate.WAITING
    assert delivery.status == (fault if isinstance(fault, int) else None)
    assert delivery.answer


def test_a_hook_that_fails_for_days_is_switched_off_and_its_owners_hear_of_it(owner, creator):
    hook = a_hook(owner.team)
    called(a_delivery(owner.team, hook), Receiver(500), NOON)
    called(a_delivery(owner.team, hook), Receiver(500), NOON + OFF_AFTER - timedelta(minutes=1))
    with everywhere():
        assert Hook.objects.get(pk=hook.pk).is_on
    called(a_delivery(owner.team, hook), Receiver(500), NOON + OFF_AFTER)
    with everywhere():
        assert not Hook.objects.get(pk=hook.pk).is_on
    told()
    assert topics(owner) == ["hook_off"]
    assert topics(creator) == []


def test_one_success_forgives_what_failed_before(owner):
    hook = a_hook(owner.team, failing_since=NOON - OFF_AFTER)
    called(a_delivery(owner.team, hook), Receiver(200), NOON)
    called(a_delivery(owner.team, hook), Receiver(500), NOON)
    with everywhere():
        assert Hook.objects.get(pk=hook.pk).is_on


def test_an_address_that_says_it_is_gone_is_called_no_more(team):
    delivery = called(a_delivery(team), Receiver(410))
    assert delivery.fate == Fate.GIVEN_UP
    assert not delivery.hook.is_on


def test_each_call_goes_to_one_worker_and_few_are_under_way_at_once(team):
    for _ in range(AT_ONCE + 3):
        a_delivery(team, next_at=NOON)
    with everywhere():
        first, second = claim_calls(NOON), claim_calls(NOON)
        assert len(first) == AT_ONCE
        assert second == []
        after = claim_calls(NOON + timedelta(hours=1))  # their workers were killed
    assert len(after) == AT_ONCE
    assert CLAIM < timedelta(hours=1)


def test_a_test_is_sent_to_a_hook_that_is_off_and_tried_once(owner):
    hook = a_hook(owner.team, is_on=False)
    with within(owner.team):
        delivery = send_test(owner, hook)
    delivery = called(delivery, Receiver(500))
    assert delivery.fate == Fate.GIVEN_UP


def test_sending_again_keeps_the_id_by_which_the_receiver_knows_twins(owner):
    receiver = Receiver(200)
    delivery = called(a_delivery(owner.team), receiver)
    with within(owner.team):
        redeliver(owner, delivery)
    assert called(delivery, receiver).fate == Fate.SENT
    (_, _, first), (_, _, second) = receiver.heard
    assert first["webhook-id"] == second["webhook-id"]


PRIVATE = ["127.0.0.1", "10.0.0.5", "169.254.169.254", "100.64.0.1", "[::1]", "[::ffff:10.0.0.1]"]


@pytest.mark.parametrize("host", PRIVATE)
def test_the_door_calls_no_private_address(host):
    with pytest.raises(FetchRefused):
        post(f"https://{host}/in", b"{}")


MAKE = {
    "name": "Channel",
    "style": "signed",
    "url": "https://hooks.example/in?key=hush",
    "topics": ["saved"],
}


def test_a_secret_is_shown_once_and_the_address_never(owner):
    client = client_of(owner)
    made = client.post(reverse("activity:hooks"), MAKE)
    assert made.context["secret"].startswith("whsec_")
    assert made.context["secret"] in made.content.decode()
    assert made["Cache-Control"] == "no-store"
    with within(owner.team):
        hook = Hook.objects.get()
        events = str(list(Event.objects.values_list("facts", flat=True)))
    assert unseal(hook.sealed_secret) == made.context["secret"]
    for page in (reverse("activity:hooks"), hook.get_absolute_url(), reverse("activity:log")):
        shown = client.get(page).content.decode()
        assert made.context["secret"] not in shown
        assert "hush" not in shown
    assert "hush" not in events
    assert "hush" not in hook.sealed_url


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": "http://hooks.example/in"}, "url"),
        ({"url": "https://me:pass@hooks.example/"}, "url"),
        ({"url": "https://"}, "url"),
        ({"url": "https://[::1/"}, "url"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"topics": ["mentioned"]}, "topics"),
        ({"topics": []}, "topics"),
        ({"name": "x" * 81}, "name"),
        ({"style": "carrier pigeon"}, "style"),
    ],
)
def test_a_hook_that_will_not_do_comes_back_with_its_fault(owner, change, field):
    answer = client_of(owner).post(reverse("activity:hooks"), MAKE | change)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors


def test_a_name_is_taken_once(owner):
    client = client_of(owner)
    client.post(reverse("activity:hooks"), MAKE)
    assert client.post(reverse("activity:hooks"), MAKE).status_code == 422


def test_changing_a_hook_without_an_address_keeps_the_one_it_has(owner):
    hook = a_hook(owner.team)
    changed = {"name": "Renamed", "url": "", "topics": ["failed"], "is_on": "on"}
    assert client_of(owner).post(hook.get_absolute_url(), changed).status_code == 302
    with within(owner.team):
        hook.refresh_from_db()
    assert (hook.name, hook.topics, unseal(hook.sealed_url)) == (
        "Renamed",
        ["failed"],
        "https://hooks.example/in",
    )


def test_a_hooks_page_shows_its_deliveries_at_the_same_cost_however_many(
    owner, django_assert_max_num_queries
):
    hook = a_hook(owner.team)
    client = client_of(owner)
    a_delivery(owner.team, hook, answer="<b>no</b>", fate=Fate.GIVEN_UP, next_at=None)
    client.get(hook.get_absolute_url())
    with django_assert_max_num_queries(20) as few:
        page = client.get(hook.get_absolute_url()).content.decode()
    assert "<b>no</b>" not in page
    for _ in range(10):
        a_delivery(owner.team, hook)
    with django_assert_max_num_queries(len(few)):
        client.get(hook.get_absolute_url())


def test_removing_a_hook_is_written_down(owner):
    hook = a_hook(owner.team, sealed_url=seal("https://x.example"))
    client_of(owner).post(reverse("activity:remove_hook", args=[hook.public_id]))
    with within(owner.team):
        assert not Hook.objects.exists()
        assert Event.objects.filter(verb="hook_removed", actor=owner.user).exists()
