"""Settings of the unit tests, which need nothing outside the process."""

import os
import tempfile

os.environ.setdefault("MJWEB_SECRET_KEY", "only-for-tests-" + "x" * 50)
os.environ.setdefault("MJWEB_DATA", tempfile.mkdtemp(prefix="mjweb-test-"))

from .base import *
from .environment import ENV

if not ENV.database_url:
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS = {}
LOGGING["root"]["level"] = "CRITICAL"
CACHES = {"default": {"BACKEND": LOCAL_CACHE}}
