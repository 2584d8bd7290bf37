"""Read the environment: typed, checked, and with an error message for each wrong value."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

import dj_database_url
from pydantic import AliasChoices, Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Env(BaseSettings):
    """All settings that an installation can set by environment variables."""

    model_config = SettingsConfigDict(
        env_prefix="MJWEB_", env_ignore_empty=True, extra="ignore", frozen=True
    )

    # local: one machine, plain HTTP on loopback, secrets made by `make run`.
    # production: nothing is guessed; HTTPS, host names and secrets must be set.
    mode: Literal["local", "production"] = "local"
    data: Path = ROOT / "var"
    port: Annotated[int, Field(ge=1, le=65535)] = Field(8000, validation_alias="PORT")
    secret_key: str = ""
    # Newest first: the first encrypts, all of them decrypt.
    encryption_keys: Annotated[tuple[str, ...], NoDecode] = ()
    hosts: Annotated[tuple[str, ...], NoDecode] = ()
    # The address under which vendors and guests reach this installation.
    public_url: str = ""
    database_url: str = Field("", validation_alias="DATABASE_URL")
    broker_url: str = Field(
        "", validation_alias=AliasChoices("CELERY_BROKER_URL", "MJWEB_BROKER_URL")
    )
    s3_bucket: str = ""
    s3_endpoint_url: str = ""
    s3_access_key: str = ""
    s3_secret_key: str = ""
    s3_region: str = ""
    sandbox_url: str = ""
    sandbox_key: str = ""
    # The key of WaveSpeed's webhook signatures: the text of its secret after whsec_, or that text
    # decoded.
    hook_key: Literal["text", "base64"] = "text"
    # Our own nudity check, besides the vendor's.
    check_nudity: bool = True
    demo: bool = False
    worker_slots: Annotated[int, Field(ge=1, le=64)] = 3
    saver_slots: Annotated[int, Field(ge=1, le=64)] = 2
    claim_seconds: Annotated[float, Field(gt=0, le=3600)] = 60.0
    silence_seconds: Annotated[float, Field(ge=5, le=3600)] = 60.0
    # smtp://user:password@host:587, or smtps:// for TLS from the first byte.
    email_url: str = ""
    # The sender of mails; by default mjweb at the host of the public URL.
    email_from: str = ""
    # Who may create an account: everybody, people with an invitation, or nobody.
    sign_up: Literal["open", "invited", "closed"] = "invited"
    # Single sign-on: the text of its button, the provider, and our client registered there.
    oidc_name: str = "Single sign-on"
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    # Only people with a verified address in one of these domains may use it; by default everybody.
    oidc_domains: Annotated[tuple[str, ...], NoDecode] = ()
    log_format: Literal["lines", "json"] = "lines"
    max_upload_mb: Annotated[Decimal, Field(gt=0)] = Decimal(40)
    # Larger clips are not downloaded from a vendor.
    max_clip_mb: Annotated[Decimal, Field(gt=0)] = Decimal(512)

    @field_validator("hosts", "encryption_keys", "oidc_domains", mode="before")
    @classmethod
    def _split_at_commas(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return tuple(filter(None, map(str.strip, value.split(","))))

    @field_validator("public_url", "sandbox_url", "s3_endpoint_url")
    @classmethod
    def _require_web_address(cls, value: str) -> str:
        if value and not re.match(r"https?://[^/\s]+", value):
            raise ValueError("It must start with http:// or https:// and a host")
        return value

    @field_validator("oidc_issuer")
    @classmethod
    def _require_https(cls, value: str, info: ValidationInfo) -> str:
        parts = urlsplit(value)
        on_this_machine = parts.scheme == "http" and parts.hostname in {
            "localhost",
            "127.0.0.1",
            "::1",
        }
        if value and not (parts.scheme == "https" and parts.hostname):
            if not on_this_machine:
                raise ValueError("It must start with https:// and a host")
            if info.data.get("mode") != "local":
                raise ValueError("Only with MJWEB_MODE=local it may be http:// on this machine")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _require_database_url(cls, value: str) -> str:
        if value:
            dj_database_url.parse(value)
        return value

    @property
    def local(self) -> bool:
        """Tell whether this is an installation on one machine, without a domain."""
        return self.mode == "local"

    def email_settings(self) -> dict[str, Any]:
        """Return Django's settings for the mail server; smtp:// turns TLS on after the greeting."""
        if not self.email_url:
            return {}
        parts = urlsplit(self.email_url)
        direct = parts.scheme == "smtps"
        return {
            "EMAIL_HOST": parts.hostname or "localhost",
            "EMAIL_PORT": parts.port or (465 if direct else 587),
            "EMAIL_HOST_USER": unquote(parts.username or ""),
            "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
            "EMAIL_USE_SSL": direct,
            "EMAIL_USE_TLS": not direct,
            "EMAIL_TIMEOUT": 20,
        }

    def mail_sender(self) -> str:
        """Return the sender of mails, as mail programs show it."""
        return self.email_from or f"mjweb <mjweb@{urlsplit(self.public_address()).hostname}>"

    def single_sign_on(self) -> dict[str, Any] | None:
        """Return the single sign-on provider for allauth, or None; exit if only half is set."""
        values = {
            "MJWEB_OIDC_ISSUER": self.oidc_issuer,
            "MJWEB_OIDC_CLIENT_ID": self.oidc_client_id,
            "MJWEB_OIDC_CLIENT_SECRET": self.oidc_client_secret,
        }
        missing = [name for name, value in values.items() if not value]
        if len(missing) == len(values):
            return None
        if missing:
            verb = "is" if len(missing) == 1 else "are"
            raise SystemExit(
                f"mjweb cannot start: {' and '.join(missing)} {verb} not set. "
                "Single sign-on needs the issuer, the client ID and its secret, or none of them."
            )
        return {
            "provider_id": "sso",  # part of the URL that is registered at the provider
            "name": self.oidc_name,
            "client_id": self.oidc_client_id,
            "secret": self.oidc_client_secret,
            "settings": {"server_url": self.oidc_issuer, "oauth_pkce_enabled": True},
        }

    def secret(self) -> str:
        """Return the secret key: set, or (locally) created by `make run`; exit without one."""
        if self.secret_key:
            return self.secret_key
        file = self.data / "secret_key"
        if self.local and file.is_file():
            return file.read_text().strip()
        advice = (
            "`make run` creates one." if self.local else "Set it to 50 random characters or more."
        )
        raise SystemExit(f"mjweb cannot start: MJWEB_SECRET_KEY is not set. {advice}")

    def sandbox(self) -> tuple[str, str]:
        """Return the URL and key of the sandbox; locally, `make run` has stored them."""
        port = self._sandbox_file("port")
        url = f"http://127.0.0.1:{port}" if port else ""
        return self.sandbox_url or url, self.sandbox_key or self._sandbox_file("key")

    def _sandbox_file(self, name: str) -> str:
        file = self.data / "sandbox" / name
        return file.read_text().strip() if self.local and file.is_file() else ""

    def allowed_hosts(self) -> list[str]:
        """Return the host names that are served; production must name them."""
        if self.hosts:
            return list(self.hosts)
        if self.local:
            return ["localhost", "127.0.0.1", "[::1]"]
        raise SystemExit(
            "mjweb cannot start: MJWEB_HOSTS is not set. Name the hosts, separated by commas."
        )

    def public_address(self) -> str:
        """Return the URL for vendors and guests; production must set it."""
        if self.public_url or self.local:
            return (self.public_url or f"http://127.0.0.1:{self.port}").rstrip("/")
        raise SystemExit(
            "mjweb cannot start: MJWEB_PUBLIC_URL is not set. "
            "Set it to the URL that people and vendors use, for example https://mjweb.example."
        )


def _message(fault: Any) -> str:
    name = str(fault["loc"][0])
    variable = name if name.isupper() else f"MJWEB_{name.upper()}"
    # URLs may contain passwords, and this message ends up in logs.
    what = (
        "cannot be used"
        if variable.endswith(("_URL", "_KEY", "_KEYS", "_SECRET"))
        else f"is {fault['input']!r}"
    )
    return f"mjweb cannot start: {variable} {what}. {fault['msg'].removeprefix('Value error, ')}."


def read_env() -> Env:
    """Read and check the environment; exit with a message for each wrong value."""
    try:
        return Env()
    except ValidationError as error:
        raise SystemExit("\n".join(map(_message, error.errors()))) from None
