"""Webhooks: made on their page, told by the round, called by the worker's step."""

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.activity.models import Delivery, Event, Webhook
from apps.activity.services import redeliver, send_test
from apps.activity.states import DeliveryStatus, Style
from apps.activity.workers.webhook_delivery import (
    CLAIM,
    MOST_AT_ONCE,
    PAUSES_SECONDS,
    SWITCHED_OFF_AFTER,
    claim_due,
    deliver,
    signature,
)
from apps.clips.states import Verdict
from apps.core.outbound import FetchRefused, FetchTryLater, PostResult, post
from apps.core.secrets import seal, unseal
from apps.reviews.services import decide
from apps.teams.scoping import everywhere, within
from tests.activity.conftest import NOON, ordered_job, run_fan_out, save_clip, topics
from tests.support.cases import case
from tests.support.factories import a_delivery, a_webhook, client_of

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


def deliver_once(delivery, receiver, now=None):
    with everywhere():
        deliver(
            Delivery.objects.select_related("webhook").get(pk=delivery.pk),
            now or timezone.now(),
            send=receiver,
        )
        return Delivery.objects.select_related("webhook").get(pk=delivery.pk)


def test_the_signature_is_that_of_the_standards_own_example():
    signed = signature(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, '{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_receiver_can_verify_a_delivery(team):
    receiver = Receiver(204)
    deliver_once(a_delivery(team, body='{"type": "saved"}'), receiver, NOON)
    url, body, headers = receiver.heard[0]
    assert url == "https://hooks.example/in"
    said = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}".encode()
    digest = hmac.new(b64decode(SECRET.removeprefix("whsec_")), said, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{b64encode(digest).decode()}"
    assert int(headers["webhook-timestamp"]) == int(NOON.timestamp())


def test_a_delivery_about_a_saved_clip_has_no_prompt(creator):
    webhook = a_webhook(creator.team)
    job = ordered_job(creator)
    save_clip(job)
    run_fan_out()
    with everywhere():
        (delivery,) = webhook.deliveries.all()
    body = json.loads(delivery.body)
    assert body["type"] == "saved"
    assert body["data"]["team"] == creator.team.name
    assert body["data"]["id"] == str(job.public_id)
    assert job.project.name in body["data"]["words"]
    assert job.prompt_text not in delivery.body
    assert "127.0.0.1:9/" not in delivery.body  # the vendor's address


def test_a_message_to_slack_is_escaped(creator, reviewer):
    webhook = a_webhook(creator.team, style=Style.SLACK, sealed_secret="")
    job = ordered_job(creator)
    with within(creator.team):
        job.project.name = "<!channel> & friends"
        job.project.save()
    save_clip(job)
    run_fan_out()
    with everywhere():
        (delivery,) = webhook.deliveries.all()
    receiver = Receiver(200)
    deliver_once(delivery, receiver)
    _url, body, headers = receiver.heard[0]
    assert set(json.loads(body)) == {"text"}
    assert "&lt;!channel&gt; &amp; friends" in json.loads(body)["text"]
    assert "webhook-signature" not in headers


def test_a_webhook_gets_its_chosen_topics_while_it_is_on(creator, reviewer):
    chosen = a_webhook(creator.team, topics=["approved"])
    off = a_webhook(creator.team, is_on=False)
    clip = save_clip(ordered_job(creator))
    with within(creator.team):
        decide(reviewer, clip, Verdict.APPROVED)
    run_fan_out()
    run_fan_out()
    with everywhere():
        assert [one.topic for one in chosen.deliveries.all()] == ["approved"]
        assert not off.deliveries.exists()


def test_another_teams_webhook_gets_nothing(creator, stranger):
    webhook = a_webhook(stranger.team)
    save_clip(ordered_job(creator))
    run_fan_out()
    with everywhere():
        assert not webhook.deliveries.exists()


def test_no_webhook_gets_events_of_private_projects(creator, private_for_owners):
    webhook = a_webhook(creator.team)
    save_clip(ordered_job(creator))
    run_fan_out()
    with everywhere():
        assert not webhook.deliveries.exists()


def test_a_successful_delivery_is_not_repeated(team):
    receiver, delivery = Receiver(200), a_delivery(team)
    delivery = deliver_once(delivery, receiver)
    deliver_once(delivery, receiver)
    assert len(receiver.heard) == 1
    assert (delivery.state, delivery.http_status, delivery.answer, delivery.next_at) == (
        DeliveryStatus.SENT,
        200,
        "thank you",
        None,
    )


def test_a_failing_delivery_is_retried_with_growing_pauses_for_a_day(team):
    receiver, delivery, now, pauses = Receiver(500), a_delivery(team), NOON, []
    while delivery.state == DeliveryStatus.WAITING:
        delivery = deliver_once(delivery, receiver, now)
        if delivery.next_at:
            pauses.append(delivery.next_at - now)
            now = delivery.next_at
    assert pauses == sorted(pauses) == [timedelta(seconds=pause) for pause in PAUSES_SECONDS]
    assert timedelta(hours=20) < now - NOON < timedelta(days=2)
    assert delivery.state == DeliveryStatus.GIVEN_UP
    assert len({headers["webhook-id"] for _url, _body, headers in receiver.heard}) == 1


FAILURES = [
    FetchTryLater("It takes too long."),
    FetchRefused("The address is forbidden."),
    302,
    404,
]


def test_every_answer_but_2xx_is_a_failure_with_its_reason(team):
    for fault in FAILURES:
        with case(fault):
            delivery = deliver_once(a_delivery(team), Receiver(fault))
            assert delivery.state == DeliveryStatus.WAITING
            assert delivery.http_status == (fault if isinstance(fault, int) else None)
            assert delivery.answer


def test_a_webhook_that_fails_for_days_is_switched_off_and_owners_are_notified(owner, creator):
    webhook = a_webhook(owner.team)
    deliver_once(a_delivery(owner.team, webhook), Receiver(500), NOON)
    deliver_once(
        a_delivery(owner.team, webhook),
        Receiver(500),
        NOON + SWITCHED_OFF_AFTER - timedelta(minutes=1),
    )
    with everywhere():
        assert Webhook.objects.get(pk=webhook.pk).is_on
    deliver_once(a_delivery(owner.team, webhook), Receiver(500), NOON + SWITCHED_OFF_AFTER)
    with everywhere():
        assert not Webhook.objects.get(pk=webhook.pk).is_on
    run_fan_out()
    assert topics(owner) == ["hook_off"]
    assert topics(creator) == []


def test_one_success_resets_the_failures(owner):
    webhook = a_webhook(owner.team, failing_since=NOON - SWITCHED_OFF_AFTER)
    deliver_once(a_delivery(owner.team, webhook), Receiver(200), NOON)
    deliver_once(a_delivery(owner.team, webhook), Receiver(500), NOON)
    with everywhere():
        assert Webhook.objects.get(pk=webhook.pk).is_on


def test_a_receiver_that_answers_410_gets_nothing_more(team):
    delivery = deliver_once(a_delivery(team), Receiver(410))
    assert delivery.state == DeliveryStatus.GIVEN_UP
    assert not delivery.webhook.is_on


def test_a_delivery_goes_to_one_worker_and_few_run_at_once(team):
    for _ in range(MOST_AT_ONCE + 3):
        a_delivery(team, next_at=NOON)
    with everywhere():
        first, second = claim_due(NOON), claim_due(NOON)
        assert len(first) == MOST_AT_ONCE
        assert second == []
        after = claim_due(NOON + timedelta(hours=1))  # their workers were killed
    assert len(after) == MOST_AT_ONCE
    assert CLAIM < timedelta(hours=1)


def test_a_test_is_sent_to_a_webhook_that_is_off_and_tried_once(owner):
    webhook = a_webhook(owner.team, is_on=False)
    with within(owner.team):
        delivery = send_test(owner, webhook)
    delivery = deliver_once(delivery, Receiver(500))
    assert delivery.state == DeliveryStatus.GIVEN_UP


def test_a_redelivery_keeps_the_message_id(owner):
    receiver = Receiver(200)
    delivery = deliver_once(a_delivery(owner.team), receiver)
    with within(owner.team):
        redeliver(owner, delivery)
    assert deliver_once(delivery, receiver).state == DeliveryStatus.SENT
    (_, _, first), (_, _, second) = receiver.heard
    assert first["webhook-id"] == second["webhook-id"]


PRIVATE = ["127.0.0.1", "10.0.0.5", "169.254.169.254", "100.64.0.1", "[::1]", "[::ffff:10.0.0.1]"]


def test_a_webhook_to_a_private_address_is_refused():
    for host in PRIVATE:
        with case(host), pytest.raises(FetchRefused):
            post(f"https://{host}/in", b"{}")


MAKE = {
    "name": "Channel",
    "style": "signed",
    "url": "https://hooks.example/in?key=hush",
    "topics": ["saved"],
}


def test_a_secret_is_shown_once_and_the_address_never(owner):
    client = client_of(owner)
    made = client.post(reverse("activity:webhooks"), MAKE)
    assert made.context["secret"].startswith("whsec_")
    assert made.context["secret"] in made.content.decode()
    assert made["Cache-Control"] == "no-store"
    with within(owner.team):
        webhook = Webhook.objects.get()
        events = str(list(Event.objects.values_list("facts", flat=True)))
    assert unseal(webhook.sealed_secret) == made.context["secret"]
    for page in (reverse("activity:webhooks"), webhook.get_absolute_url(), reverse("activity:log")):
        shown = client.get(page).content.decode()
        assert made.context["secret"] not in shown
        assert "hush" not in shown
    assert "hush" not in events
    assert "hush" not in webhook.sealed_url


INVALID = [
    ({"url": "http://hooks.example/in"}, "url"),
    ({"url": "https://me:pass@hooks.example/"}, "url"),
    ({"url": "https://"}, "url"),
    ({"url": "https://[::1/"}, "url"),
    ({"url": "javascript:alert(1)"}, "url"),
    ({"topics": ["mentioned"]}, "topics"),
    ({"topics": []}, "topics"),
    ({"name": "x" * 81}, "name"),
    ({"style": "carrier pigeon"}, "style"),
]


def test_an_invalid_webhook_comes_back_with_its_error(owner):
    for change, field in INVALID:
        with case((change, field)):
            answer = client_of(owner).post(reverse("activity:webhooks"), MAKE | change)
            assert answer.status_code == 422
            assert field in answer.context["form"].errors


def test_a_webhook_needs_a_name_of_its_own(owner):
    client = client_of(owner)
    client.post(reverse("activity:webhooks"), MAKE)
    assert client.post(reverse("activity:webhooks"), MAKE).status_code == 422


def test_changing_a_webhook_without_an_address_keeps_the_one_it_has(owner):
    webhook = a_webhook(owner.team)
    changed = {"name": "Renamed", "url": "", "topics": ["failed"], "is_on": "on"}
    assert client_of(owner).post(webhook.get_absolute_url(), changed).status_code == 302
    with within(owner.team):
        webhook.refresh_from_db()
    assert (webhook.name, webhook.topics, unseal(webhook.sealed_url)) == (
        "Renamed",
        ["failed"],
        "https://hooks.example/in",
    )


def test_a_webhooks_page_shows_its_deliveries_at_the_same_cost_however_many(
    owner, django_assert_max_num_queries
):
    webhook = a_webhook(owner.team)
    client = client_of(owner)
    a_delivery(owner.team, webhook, answer="<b>no</b>", state=DeliveryStatus.GIVEN_UP, next_at=None)
    client.get(webhook.get_absolute_url())
    with django_assert_max_num_queries(20) as few:
        page = client.get(webhook.get_absolute_url()).content.decode()
    assert "<b>no</b>" not in page
    for _ in range(10):
        a_delivery(owner.team, webhook)
    with django_assert_max_num_queries(len(few)):
        client.get(webhook.get_absolute_url())


def test_deleting_a_webhook_is_recorded(owner):
    webhook = a_webhook(owner.team, sealed_url=seal("https://x.example"))
    client_of(owner).post(reverse("activity:delete_webhook", args=[webhook.public_id]))
    with within(owner.team):
        assert not Webhook.objects.exists()
        assert Event.objects.filter(verb="hook_removed", actor=owner.user).exists()
