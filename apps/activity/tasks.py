"""Background tasks of the fan-out. Mails and deliveries to others' servers have their own queue."""

from datetime import datetime, timedelta

from django.utils import timezone

from apps.activity.models import Delivery
from apps.activity.workers import erasing, fan_out, mailing, webhook_delivery
from apps.core.background import background_task
from apps.teams.scoping import everywhere


@background_task("rounds", limit_seconds=25, every=timedelta(seconds=1), expires_seconds=2)
def dispatch_round() -> None:
    """Once a second: fan new events out, and start the mails and deliveries that are due."""
    with everywhere():
        fan_out.fan_out()
        now = timezone.now()
        for user, team, claimed in mailing.claim_mails(now):
            send_mail.apply_async((user, team, claimed), expires=mailing.CLAIM.total_seconds())
        for number in webhook_delivery.claim_due(now):
            deliver.apply_async((number,), expires=webhook_delivery.CLAIM.total_seconds())


@background_task("post", limit_seconds=240, every=timedelta(hours=1), expires_seconds=3600)
def delete_old_events() -> None:
    """Once an hour: delete the events that teams keep no longer."""
    erasing.delete_old_events()


@background_task("post", limit_seconds=40)
def send_mail(user: int, team: int, claimed: str) -> None:
    """Mail one person the notices that were claimed for them."""
    with everywhere():
        mailing.send_mail(user, team, datetime.fromisoformat(claimed))


@background_task("post", limit_seconds=25)
def deliver(delivery: int) -> None:
    """Try one delivery to a webhook."""
    with everywhere():
        webhook_delivery.deliver(Delivery.objects.select_related("webhook").get(pk=delivery))
