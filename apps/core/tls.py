"""One TLS context for the whole process: making one costs more than most requests."""

import ssl
from functools import cache

import httpx


@cache
def tls() -> ssl.SSLContext:
    """Return the context that trusts the public authorities, or those of SSL_CERT_FILE."""
    return httpx.create_ssl_context()
