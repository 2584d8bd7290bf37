"""Prices, budgets, and the ledger, whose entries are only ever added."""

import uuid
from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce, Now
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from apps.budgets.months import Month
from apps.budgets.states import Kind, Period
from apps.core.errors import DomainError
from apps.projects.models import Project
from apps.teams.scoping import TeamOwned, hidden_projects, scoped_manager

PERSON = settings.AUTH_USER_MODEL
DOLLARS = models.DecimalField(max_digits=12, decimal_places=4)
ONLY_ADDED = "Ledger entries are only ever added."


class LedgerEntryQuerySet(models.QuerySet["LedgerEntry"]):
    """Ledger entries, which can be read and added only."""

    def update(self, **_: Any) -> NoReturn:
        """Refuse: a mistake is corrected by another entry."""
        raise DomainError(ONLY_ADDED)

    def delete(self) -> NoReturn:
        """Refuse: a mistake is corrected by another entry."""
        raise DomainError(ONLY_ADDED)

    def visible(self) -> "LedgerEntryQuerySet":
        """Return entries without a project, or of one that the scope may see."""
        return self.filter(~_is_hidden())

    def hidden(self) -> "LedgerEntryQuerySet":
        """Return entries of projects that are hidden in the scope."""
        return self.filter(_is_hidden())

    def with_project_names(self) -> "LedgerEntryQuerySet":
        """Annotate the name of the project, or that it is hidden.

        Sums cover all of the team's money, but a hidden project's name must not show. This is
        decided here, inside the scope: an export is streamed after the scope has ended.
        """
        shown = {
            "project_name": models.F("project__name"),
            "project_public_id": models.F("project__public_id"),
            "project_is_private": models.F("project__is_private"),
        }
        hidden = _is_hidden()
        columns = {
            name: models.Case(models.When(~hidden, then=column)) for name, column in shown.items()
        }
        return self.annotate(
            is_hidden=models.Case(models.When(hidden, then=True), default=False), **columns
        )

    def bulk_create(self, *entries: Any, **options: Any) -> list["LedgerEntry"]:
        """Add entries; refuse to change existing ones."""
        if options.get("update_conflicts"):
            raise DomainError(ONLY_ADDED)
        return super().bulk_create(*entries, **options)


def _is_hidden() -> models.Q:
    """Return the condition for rows of a project that is hidden in the scope."""
    return models.Q(project__isnull=False, project__in=hidden_projects())


LedgerEntryManager = models.Manager.from_queryset(LedgerEntryQuerySet)


def _signs() -> models.Q:
    """Return the held and spent amounts allowed for each kind; unknown counts as zero."""
    amount = Coalesce(models.F("usd"), models.Value(0), output_field=DOLLARS)
    minus = models.ExpressionWrapper(amount * -1, output_field=DOLLARS)
    return (
        models.Q(kind=Kind.HOLD, held=amount, spent=0)
        | models.Q(kind=Kind.CHARGE, held__lte=0, spent=amount)
        | models.Q(kind=Kind.VOID, held=minus, spent=0)
        | models.Q(kind=Kind.REFUND, held=0, spent=minus)
        | models.Q(kind=Kind.REFUND_MISSING, held=0, spent=amount)
        | models.Q(kind=Kind.CORRECTED, usd__isnull=False, held=0, spent=amount)
    )


class LedgerEntry(TeamOwned):
    """One step in the money of one submission of an order; all sums add up entries."""

    order = models.UUIDField()  # the public id of the job
    submission_number = models.PositiveSmallIntegerField()  # 1 for the first attempt
    kind = models.CharField(max_length=14, choices=Kind.choices)
    # None for an unknown cost.
    usd = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    held = models.DecimalField(max_digits=12, decimal_places=4)
    spent = models.DecimalField(max_digits=12, decimal_places=4)
    project = models.ForeignKey(Project, null=True, on_delete=models.SET_NULL, related_name="+")
    person = models.ForeignKey(PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    vendor = models.CharField(max_length=20)
    account = models.CharField(max_length=80)
    model = models.CharField(max_length=80)
    variant = models.CharField(max_length=80, blank=True)
    why = models.TextField(blank=True)
    # When the submission was held. Sums go by this moment: a charge after midnight of the last
    # day belongs to the month of its hold, so that no month has a negative amount on hold.
    bought_at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar["LedgerEntryManager[LedgerEntry]"] = scoped_manager(LedgerEntryManager)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "submission_number", "kind"],
                name="ledger_entry_once_per_submission_and_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=Kind.values), name="ledger_entry_kind_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(usd__gte=0), name="ledger_entry_is_never_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(submission_number__gte=1),
                name="ledger_entry_submission_counts_from_one",
            ),
            models.CheckConstraint(condition=_signs(), name="ledger_entry_signs_fit_its_kind"),
        ]
        indexes = [
            models.Index(fields=["team", "-id"], name="ledger_entry_of_team"),
            models.Index(fields=["team", "bought_at"], name="ledger_entry_by_month"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.usd} ({self.order}, {self.submission_number})"

    def save(self, *args: Any, **options: Any) -> None:
        """Add the entry; refuse to change one."""
        if not self._state.adding:
            raise DomainError(ONLY_ADDED)
        # so that a given key never overwrites a row
        super().save(*args, **options | {"force_insert": True})

    def delete(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse: a mistake is corrected by another entry."""
        raise DomainError(ONLY_ADDED)


class Price(TeamOwned):
    """The price of one job of a model from a moment on, and its source."""

    vendor = models.CharField(max_length=20)
    model = models.CharField(max_length=80)
    # The settings beside the model that decide the price, as text; "" for all variants.
    variant = models.CharField(max_length=80, blank=True)
    usd = models.DecimalField(max_digits=12, decimal_places=4)
    valid_from = models.DateTimeField(default=timezone.now)
    source = models.CharField(max_length=200)
    # From the vendor's API; a price set by a person wins.
    is_live = models.BooleanField(default=False)
    created_by = models.ForeignKey(PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[models.Manager["Price"]] = scoped_manager(models.Manager)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(usd__gte=0), name="price_is_never_negative"),
        ]
        indexes = [
            models.Index(fields=["team", "vendor", "model", "-valid_from"], name="price_now"),
        ]

    def __str__(self) -> str:
        return f"{self.vendor} {self.model} {self.variant}: {self.usd}"


class Budget(TeamOwned):
    """A spending limit of the team, of a project, or of a person."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(
        Project, null=True, on_delete=models.CASCADE, related_name="+", editable=False
    )
    person = models.ForeignKey(
        PERSON, null=True, on_delete=models.CASCADE, related_name="+", editable=False
    )
    period = models.CharField(max_length=5, choices=Period.choices, default=Period.MONTH)
    limit_usd = models.DecimalField(max_digits=12, decimal_places=4)
    warn_percent = models.PositiveSmallIntegerField(default=80)
    created_by = models.ForeignKey(
        PERSON, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    is_active = models.BooleanField(default=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[models.Manager["Budget"]] = scoped_manager(models.Manager)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(project=None) | models.Q(person=None),
                name="budget_is_of_one_thing",
            ),
            models.CheckConstraint(
                condition=models.Q(period__in=Period.values), name="budget_period_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(limit_usd__gte=0), name="budget_is_never_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(warn_percent__range=(1, 100)), name="budget_warns_in_percent"
            ),
            models.UniqueConstraint(
                fields=["team", "period"],
                condition=models.Q(is_active=True, project=None, person=None),
                name="budget_once_per_team_and_period",
            ),
            models.UniqueConstraint(
                fields=["project", "period"],
                condition=models.Q(is_active=True, project__isnull=False),
                name="budget_once_per_project_and_period",
            ),
            models.UniqueConstraint(
                fields=["team", "person", "period"],
                condition=models.Q(is_active=True, person__isnull=False),
                name="budget_once_per_person_and_period",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target_name}, {self.get_period_display().lower()}"

    def get_absolute_url(self) -> str:
        """Return the URL on which this budget is changed."""
        return reverse("budgets:change", args=[self.public_id])

    @property
    def target_name(self) -> str:
        """The name of the team, project or person that it limits."""
        if self.project_id in hidden_projects():
            return gettext("a private project")
        if self.project:
            return self.project.name
        return str(self.person) if self.person else gettext("the whole team")

    def entry_filter(self) -> models.Q:
        """Return the condition for ledger entries that count against it now."""
        counted = models.Q(team_id=self.team_id)
        if self.project_id:
            counted &= models.Q(project_id=self.project_id)
        if self.person_id:
            counted &= models.Q(person_id=self.person_id)
        if self.period == Period.MONTH:
            month = Month.of(timezone.now())
            counted &= models.Q(bought_at__gte=month.start, bought_at__lt=month.end)
        return counted
