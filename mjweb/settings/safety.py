"""Settings of safety: headers, cookies, and what a page may load."""

from csp.constants import NONE, SELF

from mjweb.settings.files import FILES_ARE_REMOTE
from mjweb.settings.ground import ENV

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
