"""The web process: static files beside Django, both over ASGI."""

import os
import re

from django.conf import settings
from django.core.asgi import get_asgi_application
from servestatic import ServeStaticASGI

from mjweb.bodies import BoundedBodies
from mjweb.greeting import Greeting

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mjweb.settings.base")
pages = get_asgi_application()

# These know models, which need Django to be set up.
from apps.jobs.calls import CallDesk  # noqa: E402
from mjweb.health import Health  # noqa: E402

# Names made by the manifest carry a hash of their content and may be kept for ever.
HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+$")

served = ServeStaticASGI(
    BoundedBodies(
        CallDesk(pages),
        session_cookie=settings.SESSION_COOKIE_NAME,
        largest=settings.MAX_UPLOAD_BYTES * settings.MAX_UPLOADS_AT_ONCE,
    ),
    root=settings.STATIC_ROOT,
    prefix=settings.STATIC_URL,
    max_age=60,
    add_headers_function=lambda headers, path, url: headers.add_header("X-Content-Type-Options", "nosniff"),  # noqa: ARG005
    immutable_file_test=lambda path, url: bool(HASHED.search(url)),  # noqa: ARG005
)

application = Greeting(Health(served))
