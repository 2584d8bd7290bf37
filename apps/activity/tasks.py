"""Celery tasks of the fan-out. Queues stand in CELERY_TASK_ROUTES."""

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from apps.activity.models import Delivery
from apps.activity.workers import erasing, fan_out, mailing, webhook_delivery
from apps.teams.scoping import everywhere


@shared_task(name="apps.activity.tasks.dispatch_round")
def dispatch_round() -> None:
    """Once a second: fan new events out, and start the mails and deliveries that are due."""
    with everywhere():
        fan_out.fan_out()
        now = timezone.now()
        for user, team, claimed in mailing.claim_mails(now):
            send_mail.apply_async((user, team, claimed), expires=mailing.CLAIM.total_seconds())
        for number in webhook_delivery.claim_due(now):
            deliver.apply_async((number,), expires=webhook_delivery.CLAIM.total_seconds())


@shared_task(name="apps.activity.tasks.delete_old_events")
def delete_old_events() -> None:
    """Once an hour: delete the events that teams keep no longer."""
    erasing.delete_old_events()


@shared_task(name="apps.activity.tasks.send_mail")
def send_mail(user: int, team: int, claimed: str) -> None:
    """Mail one person the notices that were claimed for them."""
    with everywhere():
        mailing.send_mail(user, team, datetime.fromisoformat(claimed))


@shared_task(name="apps.activity.tasks.deliver")
def deliver(delivery: int) -> None:
    """Try one delivery to a webhook."""
    with everywhere():
        webhook_delivery.deliver(Delivery.objects.select_related("webhook").get(pk=delivery))
