"""Envelopes: take one step of telling. Queues stand in CELERY_TASK_ROUTES."""

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from apps.activity.making import calling, forgetting, mailing, telling
from apps.activity.models import Delivery
from apps.teams.scoping import everywhere


@shared_task(name="apps.activity.tasks.make_round")
def make_round() -> None:
    """Once a second: tell of what is new, and give out the mails and calls that are due."""
    with everywhere():
        telling.tell()
        now = timezone.now()
        for person, team, claimed in mailing.claim_mails(now):
            mail.apply_async((person, team, claimed), expires=mailing.CLAIM.total_seconds())
        for number in calling.claim_calls(now):
            call.apply_async((number,), expires=calling.CLAIM.total_seconds())


@shared_task(name="apps.activity.tasks.forget")
def forget() -> None:
    """Once an hour: drop what teams keep no longer."""
    forgetting.forget_old()


@shared_task(name="apps.activity.tasks.mail")
def mail(person: int, team: int, claimed: str) -> None:
    """Mail one person what was claimed for them."""
    with everywhere():
        mailing.mail(person, team, datetime.fromisoformat(claimed))


@shared_task(name="apps.activity.tasks.call")
def call(delivery: int) -> None:
    """Try one delivery to a hook."""
    with everywhere():
        calling.call(Delivery.objects.select_related("hook").get(pk=delivery))
