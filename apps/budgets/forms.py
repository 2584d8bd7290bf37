"""Forms of prices, costs and budgets."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.budgets.services.prices import PriceBookEntry
from apps.budgets.states import Period
from apps.projects.models import Project
from apps.teams.models import Team


class PriceForm(forms.Form):
    """A new price: model, amount, source and start."""

    what = forms.ChoiceField(label=_("Model"))
    usd = forms.DecimalField(
        label=_("Price per job, in US dollars"),
        min_value=0,
        max_digits=10,  # as many as the row of a job holds
        decimal_places=4,
    )
    source = forms.CharField(
        label=_("Source"),
        max_length=200,
        help_text=_("A page, a contract or an email where the price can be checked."),
    )
    valid_from = forms.DateField(
        label=_("From"),
        required=False,
        help_text=_("Leave empty to start now. Days begin at midnight UTC."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, book: Sequence[PriceBookEntry], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.entries = {entry.key: entry for entry in book}
        words = ((key, " · ".join(_words(entry))) for key, entry in self.entries.items())
        self.fields["what"].choices = list(words)  # type: ignore[attr-defined]

    def clean_valid_from(self) -> datetime | None:
        """Return the start of the day; None for now."""
        day: date | None = self.cleaned_data["valid_from"]
        today = timezone.now().astimezone(UTC).date()
        if day is None or day == today:
            return None
        if day < today:
            raise forms.ValidationError(_("Choose today or a later day. Past costs don't change."))
        return datetime.combine(day, time(), tzinfo=UTC)

    @property
    def entry(self) -> PriceBookEntry:
        """The chosen entry of the price book."""
        return self.entries[self.cleaned_data["what"]]


class CostForm(forms.Form):
    """The final cost of a charge whose amount was unknown, and its source."""

    usd = forms.DecimalField(
        label=_("Cost in US dollars"),
        min_value=0,
        max_digits=10,  # as many as the row of a job holds
        decimal_places=4,
        help_text=_("Final cost, after refunds."),
    )
    source = forms.CharField(
        label=_("Source"),
        max_length=200,
        help_text=_("A list, an invoice or an email where the cost can be checked."),
    )


def _words(entry: PriceBookEntry) -> list[str]:
    return [word for word in (entry.vendor_name, entry.variant, entry.model) if word]


class LimitForm(forms.Form):
    """The limit of a budget, and its warning."""

    limit_usd = forms.DecimalField(
        label=_("Limit in US dollars"),
        min_value=0,
        max_digits=12,
        decimal_places=4,
        help_text=_("Orders over this limit are blocked."),
    )
    warn_percent = forms.IntegerField(
        label=_("Warn at (%)"), min_value=1, max_value=100, initial=80
    )


class BudgetForm(LimitForm):
    """A new budget: scope, period, limit and warning."""

    scope = forms.ChoiceField(label=_("Budget for"))
    period = forms.ChoiceField(label=_("Period"), choices=Period.choices)

    field_order = ["scope", "period", "limit_usd", "warn_percent"]

    def __init__(self, team: Team, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        projects = Project.objects.filter(team=team).order_by("name")
        members = team.members.select_related("user").order_by("user__name")
        self.scopes: dict[str, dict[str, Any]] = {"team": {}}
        self.scopes |= {f"project:{project.pk}": {"project": project} for project in projects}
        self.scopes |= {f"person:{member.user_id}": {"person": member.user} for member in members}
        self.fields["scope"].choices = [  # type: ignore[attr-defined]
            ("team", _("The whole team")),
            (_("A project"), _group("project", self.scopes)),
            (_("A person"), _group("person", self.scopes)),
        ]

    @property
    def of(self) -> dict[str, Any]:
        """The chosen project or person, as keyword arguments of `set_budget`."""
        return self.scopes[self.cleaned_data["scope"]]


def _group(what: str, scopes: dict[str, dict[str, Any]]) -> list[tuple[str, str]]:
    rows = ((key, given[what]) for key, given in scopes.items() if what in given)
    return [(key, row.plain_name if isinstance(row, Project) else str(row)) for key, row in rows]
