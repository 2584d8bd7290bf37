"""The Celery application; its settings are Django's, under CELERY_."""

import os
import warnings

from celery import Celery
from celery.exceptions import SecurityWarning
from django_structlog.celery.steps import DjangoStructLogInitStep

from mjweb import broker
from mjweb.watchdog import Watchdog

# The warning is about pickled messages, which would run as root; ours are JSON, and nothing else is
# read.
warnings.filterwarnings("ignore", category=SecurityWarning)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mjweb.settings.base")
broker.register()
app = Celery("mjweb")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)
app.steps["worker"].add(Watchdog)
app.autodiscover_tasks()
