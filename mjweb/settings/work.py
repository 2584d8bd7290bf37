"""Settings of what happens in the background: tasks, queues, limits and the schedule."""

from datetime import timedelta

from mjweb.settings.ground import DATA, ENV

CELERY_BROKER_URL = ENV.broker_url or "folder://localhost/"
if not ENV.broker_url:
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(DATA / "broker" / "queue"),
        "data_folder_out": str(DATA / "broker" / "queue"),
        "control_folder": str(DATA / "broker" / "control"),
        "polling_interval": 0.05,
    }
# Limits on wrong passwords are counted here: all web processes have to see the same count.
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
# Every task has its queue and its limit in seconds here: what is quick never waits behind what is
# slow, and a step that hangs is ended before its claim runs out, so that nothing holds two slots. A
# pass may outlive its claim of a lane: two on one lane order nothing twice. One of orders is ended
# before any of them would be called in doubt (apps.jobs.workers.submission_attempt.DOUBT_AFTER).
TASKS = {
    "make_round": ("rounds", 50),
    "place": ("orders", 140),
    "follow": ("orders", 50),
    "answer_calls": ("orders", 50),
    "seek": ("orders", 50),
    "doubt": ("orders", 50),
    "stop": ("orders", 50),
    "forget": ("orders", 50),
    "tend": ("orders", 90),
    "save": ("saving", 170),
    "join": ("saving", 170),
    "check": ("checks", 50),
    "ping": ("saving", 50),
}
# Telling people: mails and calls to other people's servers wait in a queue of their own.
TELLING = {
    "dispatch_round": ("rounds", 25),
    "delete_old_events": ("post", 240),
    "send_mail": ("post", 40),
    "deliver": ("post", 25),
}
KEEPING = {"empty": ("post", 240)}
ALL_TASKS = {
    f"apps.{room}.tasks.{name}": one
    for room, tasks in (("jobs", TASKS), ("activity", TELLING), ("gallery", KEEPING))
    for name, one in tasks.items()
}
CELERY_TASK_ROUTES = {name: {"queue": queue} for name, (queue, _limit) in ALL_TASKS.items()}
CELERY_TASK_ANNOTATIONS = {
    name: {"time_limit": limit} for name, (_queue, limit) in ALL_TASKS.items()
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = ENV.worker_slots
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_MAX_TASKS_PER_CHILD = 2000
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
# Nothing of the schedule is worth keeping: the rows say what is due.
CELERY_BEAT_SCHEDULER = "celery.beat.Scheduler"
CELERY_BEAT_SCHEDULE = {
    "jobs": {
        "task": "apps.jobs.tasks.make_round",
        "schedule": timedelta(seconds=0.2),
        "options": {"expires": 2},
    },
    "telling": {
        "task": "apps.activity.tasks.dispatch_round",
        "schedule": timedelta(seconds=1),
        "options": {"expires": 2},
    },
    "forgetting": {
        "task": "apps.activity.tasks.delete_old_events",
        "schedule": timedelta(hours=1),
        "options": {"expires": 3600},
    },
    "emptying": {
        "task": "apps.gallery.tasks.empty",
        "schedule": timedelta(minutes=5),
        "options": {"expires": 300},
    },
    # The savers' queue may be empty for long: they hear from this that the broker is there.
    "savers": {
        "task": "apps.jobs.tasks.ping",
        "schedule": timedelta(seconds=5),
        "options": {"expires": 10},
    },
}
# A worker that hears nothing for so long is deaf, and ends itself (mjweb.watchdog).
SILENCE = timedelta(seconds=ENV.silence_seconds)

# How long a step may take before another worker takes it up.
CLAIM = timedelta(seconds=ENV.claim_seconds)
