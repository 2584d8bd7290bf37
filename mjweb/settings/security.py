"""Security settings: headers, cookies, and what a page may load."""

from csp.constants import NONE, SELF

from mjweb.settings.environment import ENV
from mjweb.settings.files import FILES_ARE_REMOTE

MEDIA_HOSTS = (
    [ENV.s3_endpoint_url]
    if ENV.s3_endpoint_url
    else (["https://*.amazonaws.com"] if FILES_ARE_REMOTE else [])
)
# Browsers stop a form that redirects to the sign-in of a provider that is not named.
SIGN_IN_HOSTS = (
    ["/".join(issuer.split("/")[:3])] if (issuer := getattr(ENV, "oidc_issuer", "")) else []
)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        # Sources that are not named are not loaded. Nothing is inline, so there is no nonce.
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF, "blob:", *MEDIA_HOSTS],
        "media-src": [SELF, "blob:", *MEDIA_HOSTS],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [NONE],
        "frame-src": [NONE],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF, *SIGN_IN_HOSTS],
        "frame-ancestors": [NONE],
        # No string becomes a script or a script's URL. Markup passes (static/js/trusted.js):
        # htmx needs it.
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["default"],
    }
}
_UNUSED = (
    "accelerometer",
    "camera",
    "clipboard-read",
    "cross-origin-isolated",
    "display-capture",
    "encrypted-media",
    "gamepad",
    "geolocation",
    "gyroscope",
    "hid",
    "identity-credentials-get",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "otp-credentials",
    "payment",
    "picture-in-picture",
    "screen-wake-lock",
    "serial",
    "storage-access",
    "sync-xhr",
    "usb",
    "window-management",
    "xr-spatial-tracking",
)
_USED = (
    "autoplay",
    "clipboard-write",
    "fullscreen",
    "publickey-credentials-create",
    "publickey-credentials-get",
)
PERMISSIONS_POLICY: dict[str, str | list[str]] = {
    **{name: [] for name in _UNUSED},
    **dict.fromkeys(_USED, "self"),
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True  # pages contain their token
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# A browser accepts a cookie of this name over HTTPS and from this host only: no other subdomain can
# set it.
_PREFIX = f"mjweb_{ENV.port}" if ENV.local else "__Host-mjweb"
SESSION_COOKIE_NAME = f"{_PREFIX}_session"
CSRF_COOKIE_NAME = f"{_PREFIX}_csrf"
CSRF_FAILURE_VIEW = "apps.core.error_pages.outdated_form_page"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 100
if not ENV.local:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
