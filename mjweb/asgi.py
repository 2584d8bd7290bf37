"""The web process: static files beside Django, both over ASGI."""

import os
import re

from django.conf import settings
from django.core.asgi import get_asgi_application
from servestatic import ServeStaticASGI

from mjweb.headers import SafeHeaders, default_headers
from mjweb.request_bodies import LimitedBodies
from mjweb.startup import StartupMessage

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mjweb.settings.base")
pages = get_asgi_application()

# These import models, which need Django to be set up.
from apps.jobs.webhook_batcher import WebhookBatcher  # noqa: E402
from mjweb.health import Health  # noqa: E402
from mjweb.request_senders import sender_of  # noqa: E402

# Names of the manifest contain a hash of the content, so browsers may cache them for ever.
HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+$")

static_and_pages = ServeStaticASGI(
    LimitedBodies(
        WebhookBatcher(pages),
        who=sender_of,
        largest=settings.MAX_UPLOAD_BYTES * settings.MAX_UPLOADS_AT_ONCE,
    ),
    root=settings.STATIC_ROOT,
    prefix=settings.STATIC_URL,
    max_age=60,
    allow_all_origins=False,
    immutable_file_test=lambda path, url: bool(HASHED.search(url)),  # noqa: ARG005
)

application = StartupMessage(Health(SafeHeaders(static_and_pages, default_headers())))
