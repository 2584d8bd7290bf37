"""The web process: static files beside Django, both over ASGI."""

import os
import re

from django.conf import settings
from django.core.asgi import get_asgi_application
from servestatic import ServeStaticASGI

from mjweb.bodies import BoundedBodies
from mjweb.greeting import Greeting
from mjweb.headers import SafeHeaders, for_every_answer

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mjweb.settings.base")
pages = get_asgi_application()

# These know models, which need Django to be set up.
from apps.jobs.webhook_batcher import WebhookBatcher  # noqa: E402
from mjweb.health import Health  # noqa: E402
from mjweb.senders import sender_of  # noqa: E402

# Names made by the manifest carry a hash of their content and may be kept for ever.
HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+$")

static_and_pages = ServeStaticASGI(
    BoundedBodies(
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

application = Greeting(Health(SafeHeaders(static_and_pages, for_every_answer())))
