"""Security headers on responses outside Django: static files, refused bodies, webhooks."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from django.conf import settings

from apps.core.serving import FILE_CSP

Message = MutableMapping[str, Any]


def default_headers() -> dict[str, str]:
    """Return the headers of a response that sets none itself; its content may load nothing."""
    headers = {
        "Content-Security-Policy": FILE_CSP,
        "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY or "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY or "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": settings.X_FRAME_OPTIONS,
    }
    if settings.SECURE_HSTS_SECONDS:
        preload = "; preload" if settings.SECURE_HSTS_PRELOAD else ""
        subdomains = "; includeSubDomains" if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS else ""
        headers["Strict-Transport-Security"] = (
            f"max-age={settings.SECURE_HSTS_SECONDS}{subdomains}{preload}"
        )
    return headers


class SafeHeaders:
    """Wrap an ASGI application: add these headers to every response that does not set them."""

    def __init__(
        self, app: Callable[[Any, Any, Any], Awaitable[None]], headers: Mapping[str, str]
    ) -> None:
        self.app = app
        self.headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(
        self, scope: Message, receive: Any, send: Callable[[Message], Awaitable[None]]
    ) -> None:
        """Serve one connection."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = list(message.get("headers", ()))
                names = {bytes(name).lower() for name, _value in own}
                missing = [header for header in self.headers if header[0] not in names]
                message = {**message, "headers": own + missing}
            await send(message)

        await self.app(scope, receive, send_with_headers)
