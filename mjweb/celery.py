"""The Celery application; its settings are Django's, under CELERY_."""

from celery import Celery
from django_structlog.celery.steps import DjangoStructLogInitStep

app = Celery("mjweb")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks()
