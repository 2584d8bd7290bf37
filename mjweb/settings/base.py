"""Django's settings, all derived from mjweb.env; one file for each subject."""

import dj_database_url
from django.utils.translation import gettext_lazy as _

from mjweb.logs import logging_config
from mjweb.settings.auth import *
from mjweb.settings.celery import *
from mjweb.settings.environment import DATA, ENV, ROOT
from mjweb.settings.files import *
from mjweb.settings.security import *

# --- The installation ------------------------------------------------------
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
LOCAL = ENV.local

INSTALLED_APPS = [
    "apps.core",
    "apps.teams",
    "apps.activity",
    "apps.projects",
    "apps.prompts",
    "apps.budgets",
    "apps.clips",
    "apps.jobs",
    "apps.gallery",
    "apps.reviews",
    "apps.reports",
    "apps.operations",
    "apps.desk",
    "apps.demo",
    "apps.sandbox",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
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
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "apps.core.middleware.OwnSiteMiddleware",
    "csp.middleware.CSPMiddleware",
    "apps.core.middleware.CharsetMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "apps.teams.middleware.MemberMiddleware",
    "apps.projects.middleware.HiddenProjectsMiddleware",
    "apps.core.middleware.DomainErrorMiddleware",
    "apps.teams.middleware.NoStoreMiddleware",
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
                "apps.core.templatetags.components",
                "apps.core.templatetags.core_tags",
                "apps.budgets.templatetags.costs",
                "apps.clips.templatetags.clip_chips",
                "apps.jobs.templatetags.chips",
                "apps.teams.templatetags.teams",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "apps.core.context.installation",
                "apps.activity.context.unread_notices",
                "apps.jobs.context.vendors_out_of_order",
                "apps.jobs.context.play_money",
                "apps.demo.context.demo_logins",
            ],
        },
    }
]

# --- Database --------------------------------------------------------------
SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": DATA / "mjweb.sqlite3",
    "OPTIONS": {
        # A writer takes its lock at the start, instead of failing half way through.
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

# --- Vendors ---------------------------------------------------------------
CHECK_NUDITY = ENV.check_nudity
SANDBOX_URL, SANDBOX_KEY = ENV.sandbox()
# The key of a webhook's signature is derived from its secret; documents disagree how
# (docs/vendor-contracts.md, section 1.10).
HOOK_KEY_DERIVATION = ENV.hook_key
# Vendors on the internet can send webhooks, and fetch pictures from our own addresses.
VENDORS_REACH_US = bool(ENV.public_url)

# --- Language and time -----------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [ROOT / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

# --- Logs ------------------------------------------------------------------
LOGGING = logging_config(ENV.log_format)
DJANGO_STRUCTLOG_CELERY_ENABLED = True
