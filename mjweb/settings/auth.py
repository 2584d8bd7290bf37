"""Settings of accounts: sign-in, verification, sessions and mail."""

from mjweb.settings.environment import ENV

AUTH_USER_MODEL = "teams.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "desk:home"

# --- Mail ------------------------------------------------------------------
EMAIL_IS_CONNECTED = bool(ENV.email_url)
EMAIL_BACKEND = (
    f"django.core.mail.backends.{'smtp' if EMAIL_IS_CONNECTED else 'console'}.EmailBackend"
)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENV.mail_sender()
vars().update(ENV.email_settings())

# --- Accounts --------------------------------------------------------------
SIGN_UP = ENV.sign_up
ACCOUNT_ADAPTER = "apps.teams.sign_in_events.RecordingAccountAdapter"
ACCOUNT_FORMS = {
    "add_email": "apps.teams.account_forms.ChangeEmailForm",
    "signup": "apps.teams.account_forms.SignUpForm",
    "change_password": "apps.teams.account_forms.ChangePasswordForm",  # nosec B105  # the name of a form
    "set_password": "apps.teams.account_forms.SetPasswordForm",  # nosec B105  # the name of a form
    "reset_password_from_key": "apps.teams.account_forms.ResetPasswordForm",  # nosec B105  # the name of a form
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Without a mail server nobody can verify an address.
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if EMAIL_IS_CONNECTED else "none"
# By a typed code, not by a link: an unverified address is never stored. So nobody can occupy
# another person's address, and people with a second factor can change theirs.
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = EMAIL_IS_CONNECTED
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_NOTIFICATIONS = EMAIL_IS_CONNECTED
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http" if ENV.local else "https"

# --- Second factors --------------------------------------------------------
MFA_ADAPTER = "apps.teams.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "mjweb"
# The clock of a phone may be half a minute off.
MFA_TOTP_TOLERANCE = 1
MFA_ALLOW_UNVERIFIED_EMAIL = not EMAIL_IS_CONNECTED
MFA_FORMS = {
    "authenticate": "apps.teams.sign_in_events.CodeForm",
    "reauthenticate": "apps.teams.sign_in_events.ConfirmCodeForm",
    "login_webauthn": "apps.teams.account_forms.SignInPasskeyForm",
    "authenticate_webauthn": "apps.teams.account_forms.PasskeyForm",
    "reauthenticate_webauthn": "apps.teams.account_forms.PasskeyAgainForm",
    "add_webauthn": "apps.teams.account_forms.AddPasskeyForm",
    "edit_webauthn": "apps.teams.account_forms.RenamePasskeyForm",
    "activate_totp": "apps.teams.account_forms.AuthenticatorForm",
}

# --- Sessions --------------------------------------------------------------
USERSESSIONS_ADAPTER = "apps.teams.sign_in_events.RecordingSessionsAdapter"

# --- Single sign-on --------------------------------------------------------
SINGLE_SIGN_ON = ENV.single_sign_on()
SINGLE_SIGN_ON_DOMAINS = [domain.lower() for domain in ENV.oidc_domains]
# Plain HTTP to the provider is allowed on this machine only (mjweb.env).
SINGLE_SIGN_ON_IN_CLEAR = ENV.oidc_issuer.startswith("http://")
SOCIALACCOUNT_ADAPTER = "apps.teams.single_sign_on.SingleSignOnAdapter"
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [SINGLE_SIGN_ON] if SINGLE_SIGN_ON else []}}
# A provider that has verified an address may sign in its owner here; our adapter checks that.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
# A link, not a form: `form-action` would need every host that a provider may redirect to.
SOCIALACCOUNT_LOGIN_ON_GET = True

# Besides allauth's own limits: invitations sent, invitation links opened, teams created.
ACCOUNT_RATE_LIMITS = {"invite": "60/h/user", "invitation": "60/m/ip", "create_team": "10/h/user"}
