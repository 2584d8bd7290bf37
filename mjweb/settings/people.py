"""Settings of people: how they come in, prove who they are, and get mail."""

from mjweb.settings.ground import ENV

AUTH_USER_MODEL = "teams.User"
# What writes down what happens to teams and people: events are kept by a room above them.
EVENT_RECORDER = "apps.activity.services.record"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "desk:home"
ACCOUNT_ADAPTER = "apps.teams.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True
# Beside allauth's own limits: how often somebody asks people in, opens links, begins teams.
ACCOUNT_RATE_LIMITS = {"invite": "60/h/user", "invitation": "60/m/ip", "found_team": "10/h/user"}
EMAIL_IS_CONNECTED = bool(ENV.email_url)
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_IS_CONNECTED else 'console'}.EmailBackend"
vars().update(ENV.email_settings())
