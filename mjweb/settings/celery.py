"""Settings of background work: the broker, the cache and the workers."""

from datetime import timedelta

from mjweb.settings.environment import DATA, ENV

CELERY_BROKER_URL = ENV.broker_url or "folder://localhost/"
if not ENV.broker_url:
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(DATA / "broker" / "queue"),
        "data_folder_out": str(DATA / "broker" / "queue"),
        "control_folder": str(DATA / "broker" / "control"),
        "polling_interval": 0.05,
    }
# The cache counts wrong passwords: all web processes must see the same count.
SHARED_CACHE = "django.core.cache.backends.redis.RedisCache"
LOCAL_CACHE = "django.core.cache.backends.locmem.LocMemCache"
CACHES = {
    "default": {"BACKEND": SHARED_CACHE, "LOCATION": ENV.broker_url, "KEY_PREFIX": "mjweb"}
    if ENV.broker_url.startswith(("redis://", "rediss://"))
    else {"BACKEND": LOCAL_CACHE}
}
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "rounds"
CELERY_TASK_CREATE_MISSING_QUEUES = True
# Each room's tasks.py says the queue, the limit and the schedule of its tasks.
CELERY_TASK_ROUTES = ["apps.core.background.route"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = ENV.worker_slots
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_MAX_TASKS_PER_CHILD = 2000
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
# The schedule is not stored: the database says what is due.
CELERY_BEAT_SCHEDULER = "celery.beat.Scheduler"
# A worker without messages for so long has lost its broker and exits (mjweb.watchdog).
SILENCE = timedelta(seconds=ENV.silence_seconds)

# How long a step may take before another worker takes it up.
CLAIM = timedelta(seconds=ENV.claim_seconds)
