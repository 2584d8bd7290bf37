"""The one place where the environment is read: typed, checked, and explained in sentences."""

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
    """Every setting an installation can give by environment variable alone."""

    model_config = SettingsConfigDict(
        env_prefix="MJWEB_", env_ignore_empty=True, extra="ignore", frozen=True
    )

    # local: one machine, plain HTTP on loopback, secrets made by `make run`.
    # production: nothing is guessed; HTTPS, host names and secrets have to be given.
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
    # How the key of WaveSpeed's signed calls is made of its secret: the text after whsec_, or that
    # decoded.
    hook_key: Literal["text", "base64"] = "text"
    # The house's own look for nudity, beside the vendor's word.
    check_nudity: bool = True
    demo: bool = False
    worker_slots: Annotated[int, Field(ge=1, le=64)] = 3
    saver_slots: Annotated[int, Field(ge=1, le=64)] = 2
    claim_seconds: Annotated[float, Field(gt=0, le=3600)] = 60.0
    silence_seconds: Annotated[float, Field(ge=5, le=3600)] = 60.0
    # smtp://user:password@host:587, or smtps:// for TLS from the first byte.
    email_url: str = ""
    # Whom mails are from; none given: mjweb at the host of the public address.
    email_from: str = ""
    # Who may make an account: everybody, whoever holds an invitation, or nobody.
    sign_up: Literal["open", "invited", "closed"] = "invited"
    # Single sign-on: what its button says, who vouches for people, and the client they registered
    # for us.
    oidc_name: str = "Single sign-on"
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    # Only people with a verified address in one of these domains come in by it; none given:
    # everybody it vouches for.
    oidc_domains: Annotated[tuple[str, ...], NoDecode] = ()
    log_format: Literal["lines", "json"] = "lines"
    max_upload_mb: Annotated[Decimal, Field(gt=0)] = Decimal(40)
    # No clip of a vendor's is fetched beyond this size.
    max_clip_mb: Annotated[Decimal, Field(gt=0)] = Decimal(512)

    @field_validator("hosts", "encryption_keys", "oidc_domains", mode="before")
    @classmethod
    def _split_at_commas(cls, value: Any) -> Any:
        return (
            tuple(filter(None, map(str.strip, value.split(","))))
            if isinstance(value, str)
            else value
        )

    @field_validator("public_url", "sandbox_url", "s3_endpoint_url")
    @classmethod
    def _is_a_web_address(cls, value: str) -> str:
        if value and not re.match(r"https?://[^/\s]+", value):
            raise ValueError("It has to begin with http:// or https:// and a host")
        return value

    @field_validator("oidc_issuer")
    @classmethod
    def _vouches_over_https(cls, value: str, info: ValidationInfo) -> str:
        parts = urlsplit(value)
        on_this_machine = parts.scheme == "http" and parts.hostname in {
            "localhost",
            "127.0.0.1",
            "::1",
        }
        if value and not (parts.scheme == "https" and parts.hostname):
            if not on_this_machine:
                raise ValueError("It has to begin with https:// and a host")
            if info.data.get("mode") != "local":
                raise ValueError("Only with MJWEB_MODE=local may it be http:// on this machine")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _is_a_database(cls, value: str) -> str:
        if value:
            dj_database_url.parse(value)
        return value

    @property
    def local(self) -> bool:
        """Whether this is one machine on its own."""
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

    def mails_are_from(self) -> str:
        """Return whom mails are from, as mail programs show it."""
        return self.email_from or f"mjweb <mjweb@{urlsplit(self.public_address()).hostname}>"

    def single_sign_on(self) -> dict[str, Any] | None:
        """Return the provider of single sign-on as allauth wants it, or None; stop the start at half of one."""
        given = {
            "MJWEB_OIDC_ISSUER": self.oidc_issuer,
            "MJWEB_OIDC_CLIENT_ID": self.oidc_client_id,
            "MJWEB_OIDC_CLIENT_SECRET": self.oidc_client_secret,
        }
        missing = [name for name, value in given.items() if not value]
        if len(missing) == len(given):
            return None
        if missing:
            raise SystemExit(
                f"mjweb cannot start: {' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set. "
                "Single sign-on needs the issuer, the client's id and its secret, or none of them."
            )
        return {
            "provider_id": "sso",  # part of the address that is registered at the provider
            "name": self.oidc_name,
            "client_id": self.oidc_client_id,
            "secret": self.oidc_client_secret,
            "settings": {"server_url": self.oidc_issuer, "oauth_pkce_enabled": True},
        }

    def secret(self) -> str:
        """Return the secret key: given, or (locally) made once by `make run`; stop the start otherwise."""
        if self.secret_key:
            return self.secret_key
        kept = self.data / "secret_key"
        if self.local and kept.is_file():
            return kept.read_text().strip()
        raise SystemExit(
            "mjweb cannot start: MJWEB_SECRET_KEY is not set. "
            + (
                "`make run` makes one for you."
                if self.local
                else "Set it to 50 random characters or more."
            )
        )

    def sandbox(self) -> tuple[str, str]:
        """Return the address and key of the sandbox: given, or (locally) kept by `make run`; "" where neither is."""
        port, key = (self._kept_for_the_sandbox(name) for name in ("port", "key"))
        return self.sandbox_url or (port and f"http://127.0.0.1:{port}"), self.sandbox_key or key

    def _kept_for_the_sandbox(self, name: str) -> str:
        kept = self.data / "sandbox" / name
        return kept.read_text().strip() if self.local and kept.is_file() else ""

    def allowed_hosts(self) -> list[str]:
        """Return the host names that are answered; production has to name them."""
        if self.hosts:
            return list(self.hosts)
        if self.local:
            return ["localhost", "127.0.0.1", "[::1]"]
        raise SystemExit(
            "mjweb cannot start: MJWEB_HOSTS is not set. Name the hosts, separated by commas."
        )

    def public_address(self) -> str:
        """Return where vendors and guests reach this installation; production has to say it."""
        if self.public_url or self.local:
            return (self.public_url or f"http://127.0.0.1:{self.port}").rstrip("/")
        raise SystemExit(
            "mjweb cannot start: MJWEB_PUBLIC_URL is not set. Give the address people and vendors use, "
            "for example https://mjweb.example."
        )


def _sentence(fault: Any) -> str:
    name = str(fault["loc"][0])
    variable = name if name.isupper() else f"MJWEB_{name.upper()}"
    # Addresses can carry passwords, and this sentence ends in logs.
    what = (
        "cannot be used"
        if variable.endswith(("_URL", "_KEY", "_KEYS", "_SECRET"))
        else f"is {fault['input']!r}"
    )
    return f"mjweb cannot start: {variable} {what}. {fault['msg'].removeprefix('Value error, ')}."


def read_env() -> Env:
    """Read and check the environment; stop the start with one sentence per fault."""
    try:
        return Env()
    except ValidationError as error:
        raise SystemExit("\n".join(map(_sentence, error.errors()))) from None
