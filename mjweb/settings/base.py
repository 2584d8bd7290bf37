"""Django's settings, all of them derived from mjweb.env."""

from datetime import timedelta
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from mjweb.env import ROOT, read_env
from mjweb.logs import logging_config

ENV = read_env()
DATA: Path = ENV.data.resolve()

# --- The house -------------------------------------------------------------
BASE_DIR = ROOT
SECRET_KEY = ENV.secret()
ENCRYPTION_KEYS = list(ENV.encryption_keys)  # none given: derived from SECRET_KEY
DEBUG = False
ALLOWED_HOSTS = ENV.allowed_hosts()
PUBLIC_URL = ENV.public_address()
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if ENV.public_url else []
ROOT_URLCONF = "mjweb.urls"
ASGI_APPLICATION = "mjweb.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DEMO = ENV.demo

INSTALLED_APPS = [
    "apps.core",
    "apps.teams",
    "apps.activity",
    "apps.projects",
    "apps.prompts",
    "apps.budgets",
    "apps.jobs",
    "apps.gallery",
    "apps.reviews",
    "apps.desk",
    "apps.sandbox",
    "allauth",
    "allauth.account",
    "django_htmx",
    "django_structlog",
    "template_partials.apps.SimpleAppConfig",
    "csp",
    "apps.teams.apps.OperatorsConfig",  # django.contrib.admin, outside of all scopes
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "apps.core.middleware.CharsetMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "apps.teams.middleware.MemberMiddleware",
    "apps.core.middleware.DomainErrorMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": [
                "template_partials.templatetags.partials",
                "django.templatetags.i18n",
                "django.templatetags.static",
                "django_htmx.templatetags.django_htmx",
                "apps.core.templatetags.house",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "apps.core.context.house",
                "apps.jobs.context.vendors_out_of_order",
                "apps.jobs.context.play_money",
                "apps.desk.context.demo_logins",
            ],
        },
    }
]

# --- Rows ------------------------------------------------------------------
SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": DATA / "mjweb.sqlite3",
    "OPTIONS": {
        # A writer asks for its lock at once, instead of failing half way through.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-32000;"
            "PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY;"
        ),
    },
}
DATABASES = {
    "default": dj_database_url.parse(ENV.database_url, conn_health_checks=True)
    if ENV.database_url
    else SQLITE
}

# --- Background work -------------------------------------------------------
CELERY_BROKER_URL = ENV.broker_url or "folder://localhost/"
if not ENV.broker_url:
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(DATA / "broker" / "queue"),
        "data_folder_out": str(DATA / "broker" / "queue"),
        "control_folder": str(DATA / "broker" / "control"),
        "polling_interval": 0.05,
    }
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "rounds"
CELERY_TASK_CREATE_MISSING_QUEUES = True
# Every task has its queue and its limit in seconds here: what is quick never waits behind what is slow, and a
# step that hangs is ended before its claim runs out, so that nothing holds two slots. A pass may outlive its
# claim of a lane: two on one lane order nothing twice. One of orders is ended before any of them would be
# called in doubt (apps.jobs.making.errands.DOUBT_AFTER).
TASKS = {
    "make_round": ("rounds", 50),
    "place": ("orders", 140),
    "follow": ("orders", 50),
    "answer_calls": ("orders", 50),
    "seek": ("orders", 50),
    "doubt": ("orders", 50),
    "stop": ("orders", 50),
    "tend": ("orders", 90),
    "save": ("saving", 170),
    "join": ("saving", 170),
    "check": ("checks", 50),
    "ping": ("saving", 50),
}
CELERY_TASK_ROUTES = {f"apps.jobs.tasks.{name}": {"queue": one[0]} for name, one in TASKS.items()}
CELERY_TASK_ANNOTATIONS = {f"apps.jobs.tasks.{name}": {"time_limit": one[1]} for name, one in TASKS.items()}
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
    # The savers' queue may be empty for long: they hear from this that the broker is there.
    "savers": {"task": "apps.jobs.tasks.ping", "schedule": timedelta(seconds=5), "options": {"expires": 10}},
}
# A worker that hears nothing for so long is deaf, and ends itself (mjweb.watchdog).
SILENCE = timedelta(seconds=ENV.silence_seconds)

# How long a step may take before another worker takes it up.
CLAIM = timedelta(seconds=ENV.claim_seconds)

# --- Files -----------------------------------------------------------------
MEDIA_ROOT = DATA / "media"
STATIC_ROOT = DATA / "static"
STATIC_URL = "/static/"
STATICFILES_DIRS = [ROOT / "static"]
FILES_ARE_REMOTE = bool(ENV.s3_bucket)
S3_STORAGE = {
    "BACKEND": "storages.backends.s3.S3Storage",
    "OPTIONS": {
        "bucket_name": ENV.s3_bucket,
        "endpoint_url": ENV.s3_endpoint_url or None,
        "access_key": ENV.s3_access_key or None,
        "secret_key": ENV.s3_secret_key or None,
        "region_name": ENV.s3_region or None,
        "querystring_auth": True,
        "querystring_expire": 3600,
        # Names are made from what the file belongs to: writing it again writes the same.
        "file_overwrite": True,
        "default_acl": None,
        "signature_version": "s3v4",
    },
}
LOCAL_STORAGE = {
    "BACKEND": "django.core.files.storage.FileSystemStorage",
    "OPTIONS": {"allow_overwrite": True},
}
STORAGES = {
    "default": S3_STORAGE if FILES_ARE_REMOTE else LOCAL_STORAGE,
    "staticfiles": {"BACKEND": "mjweb.storage.StaticFilesStorage"},
}
MAX_UPLOAD_BYTES = int(ENV.max_upload_mb * 1024 * 1024)
MAX_UPLOADS_AT_ONCE = 20
MAX_CLIP_BYTES = int(ENV.max_clip_mb * 1024 * 1024)
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

# --- Vendors ---------------------------------------------------------------
CHECK_NUDITY = ENV.check_nudity
SANDBOX_URL = ENV.sandbox_url
SANDBOX_KEY = ENV.sandbox_key
# How the key of a signed call is made of its secret: documents disagree (vendor contracts, section 1.10).
HOOK_KEY_DERIVATION = ENV.hook_key
# Whether a vendor on the internet can call us, and fetch pictures from our own addresses.
VENDORS_REACH_US = bool(ENV.public_url)

# --- People ----------------------------------------------------------------
AUTH_USER_MODEL = "teams.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "desk:home"
ACCOUNT_ADAPTER = "apps.teams.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True
EMAIL_IS_CONNECTED = bool(ENV.email_url)
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_IS_CONNECTED else 'console'}.EmailBackend"
vars().update(ENV.email_settings())

# --- Language and time -----------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [ROOT / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

# --- Safety ----------------------------------------------------------------
MEDIA_HOSTS = (
    [ENV.s3_endpoint_url]
    if ENV.s3_endpoint_url
    else (["https://*.amazonaws.com"] if FILES_ARE_REMOTE else [])
)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "blob:", *MEDIA_HOSTS],
        "media-src": [SELF, "blob:", *MEDIA_HOSTS],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_NAME = f"mjweb_{ENV.port}_session" if ENV.local else "mjweb_session"
CSRF_COOKIE_NAME = f"mjweb_{ENV.port}_csrf" if ENV.local else "mjweb_csrf"
if not ENV.local:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True

# --- Logs ------------------------------------------------------------------
LOGGING = logging_config(ENV.log_format)
DJANGO_STRUCTLOG_CELERY_ENABLED = True
