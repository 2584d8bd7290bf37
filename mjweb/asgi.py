"""The web process: static files beside Django, both over ASGI."""

import os
import re

from django.conf import settings
from django.core.asgi import get_asgi_application
from servestatic import ServeStaticASGI

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mjweb.settings.base")

# Names made by the manifest carry a hash of their content and may be kept for ever.
HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+$")

application = ServeStaticASGI(
    get_asgi_application(),
    root=settings.STATIC_ROOT,
    prefix=settings.STATIC_URL,
    max_age=60,
    immutable_file_test=lambda path, url: bool(HASHED.search(url)),  # noqa: ARG005
)
