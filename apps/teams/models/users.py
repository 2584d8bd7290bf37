"""User accounts."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    """Creates users by email."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a user."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create an operator, who may enter the admin site."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in with an email."""

    email = models.EmailField(_("email"), unique=True)
    name = models.CharField(_("name"), max_length=100, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(db_default=Now(), editable=False)
    single_keys = models.BooleanField(_("single-key shortcuts"), default=True)
    time_zone = models.CharField(_("time zone"), max_length=50, blank=True)
    # The team that the next sign-in opens.
    last_team = models.ForeignKey(
        "teams.Team", null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )

    # Set when the account is erased: the person is shown as a former member.
    erased_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_once_whatever_its_case")
        ]

    def __str__(self) -> str:
        return gettext("Former member") if self.erased_at else self.name or self.email

    def get_full_name(self) -> str:
        """Return the name, or the email without one."""
        return str(self)

    @property
    def may_create_team(self) -> bool:
        """Whether this person may create teams: anyone with open sign-up, else operators."""
        return self.is_staff or settings.SIGN_UP == "open"

    @property
    def initials(self) -> str:
        """One or two letters for an avatar."""
        if self.erased_at:
            return "–"
        words = (self.name or self.email.partition("@")[0]).replace(".", " ").split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
