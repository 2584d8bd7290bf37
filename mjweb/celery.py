"""The Celery application; its settings are Django's, under CELERY_."""

import os
import warnings

from celery import Celery
from celery.exceptions import SecurityWarning
from celery.signals import import_modules
from django_structlog.celery.steps import DjangoStructLogInitStep

from apps.core import background
from mjweb import broker
from mjweb.watchdog import Watchdog

# The warning is about pickled messages in a worker run by root; ours accept JSON only.
warnings.filterwarnings("ignore", category=SecurityWarning)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mjweb.settings.base")
broker.register()
app = Celery("mjweb")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)
app.steps["worker"].add(Watchdog)
app.autodiscover_tasks()


# Connected after the discovery above, so that every room's tasks are registered by then.
@import_modules.connect(sender=app, weak=False)
def read_schedule(**_signal: object) -> None:
    """Run the tasks by themselves that rooms have scheduled."""
    app.conf.beat_schedule = background.schedule()
