"""What must not be read in a log."""

import pytest

from mjweb.logs import without_url_secrets


@pytest.mark.parametrize(
    ("address", "logged"),
    [
        ("GET /projects/handover/abc:def/", "GET /projects/handover/…/"),
        ("POST /team/welcome/1xUypf:_HcAz/", "POST /team/welcome/…/"),
        ("GET /accounts/password/reset/key/1-c8x-9f/", "GET /accounts/password/reset/key/…/"),
        ("GET /accounts/confirm-email/MQ:1x:y/", "GET /accounts/confirm-email/…/"),
        (
            "GET /accounts/oidc/sso/login/callback/?state=a&code=hush",
            "GET /accounts/oidc/sso/login/callback/?state=a&code=…",
        ),
        ("POST /activity/unsubscribe/MQ:1x:y/", "POST /activity/unsubscribe/…/"),
        ("GET /gallery/?q=code", "GET /gallery/?q=code"),
    ],
)
def test_what_opens_something_for_whoever_holds_it_is_not_logged(address, logged):
    line = {"request": f'"{address}"', "code": 200}
    assert without_url_secrets(None, "info", line) == {"request": f'"{logged}"', "code": 200}
