"""Ordering in parts: how long a clip gets, what happens in each part, and what all of them cost."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.form_guards import is_quoted
from apps.core.formatting import usd
from apps.prompts.language import flags_in
from apps.vendors.offer import Offer

MAX_PARTS = 17  # words of more parts than any offer has are not carried over


class PartsForm(forms.Form):
    """A form that orders one part or more, for a price it has shown; sent twice it is one order."""

    idempotency_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    quoted_price = forms.CharField(widget=forms.HiddenInput, required=False)
    step = 0  # seconds that a further part adds; 0 where the vendor has none
    first_seconds = 0
    made = 0  # further parts there are already
    words_left_empty = _("Same prompt as the first part")

    @property
    def offer(self) -> Offer | None:
        """The offer that is ordered from; None where the team has no vendor."""
        raise NotImplementedError

    @property
    def price(self) -> Decimal | None:
        """The price of one part in USD; None where unknown."""
        raise NotImplementedError

    @property
    def count(self) -> int:
        """The number of parts ordered."""
        return 1 + len(self.numbers)

    @property
    def price_in_all(self) -> Decimal | None:
        """The price of all parts in USD, as the form stands."""
        price = self.price
        return None if price is None else self.count * price

    def current_value(self, name: str) -> Any:
        """Return what was posted, else what the page began with."""
        return self.data.get(name) if self.is_bound else self.initial.get(name)

    def ask_length(
        self, offer: Offer, parameters: Mapping[str, object], *, made: int, fewest: int
    ) -> None:
        """Add fields for the length and each part's prompt, where the vendor can extend clips."""
        self.step = offer.extension_seconds
        self.first_seconds = offer.seconds_of(parameters)
        self.made = made
        if not self.step:
            return
        lengths = range(self._seconds(made + fewest), offer.max_seconds + 1, self.step)
        self.fields["length"] = forms.ChoiceField(
            label=_("Length"),
            choices=[(str(seconds), self._length_label(seconds)) for seconds in lengths],
            initial=str(lengths[0]),
            required=False,
        )
        for number in self.numbers:
            self.fields[f"part_{number}"] = self._field_of_part(number)
        if self.count > 1:
            self.fields["is_stepwise"] = forms.BooleanField(
                label=_("Let me choose the take after each part"),
                required=False,
                help_text=_("Each part waits until you choose the take to continue."),
            )

    def _seconds(self, further: int) -> int:
        return self.first_seconds + self.step * further

    def _length_label(self, seconds: int) -> str:
        parts = (seconds - self.first_seconds) // self.step + 1
        return (
            f"{seconds} s"
            if parts == 1
            else _("%(s)s s, in %(n)s parts") % {"s": seconds, "n": parts}
        )

    def _field_of_part(self, number: int) -> forms.Field:
        span = {
            "part": number,
            "begin": self._seconds(number - 2),
            "end": self._seconds(number - 1),
        }
        return forms.CharField(
            label=_("Part %(part)s, from %(begin)s to %(end)s s") % span,
            max_length=4000,
            required=False,
            widget=forms.Textarea(attrs={"rows": 2, "placeholder": self.words_left_empty}),
        )

    @property
    def _chosen_extensions(self) -> int:
        """The number of further parts in all."""
        choices = [value for value, _label in self.fields["length"].choices]  # type: ignore[attr-defined]
        wanted = str(self.current_value("length") or "")
        seconds = int(wanted if wanted in choices else choices[0])
        return (seconds - self.first_seconds) // self.step

    @property
    def numbers(self) -> list[int]:
        """The numbers of the parts whose prompts are asked for here, counted from 1."""
        return (
            list(range(self.made + 2, self._chosen_extensions + 2))
            if "length" in self.fields
            else []
        )

    @property
    def part_fields(self) -> list[forms.BoundField]:
        """The fields of each part's words."""
        return [self[f"part_{number}"] for number in self.numbers]

    @property
    def hidden_values(self) -> list[tuple[str, str]]:
        """Values of fields that are not shown now: another length or vendor shows them again."""
        parts = (f"part_{number}" for number in range(2, MAX_PARTS + 1))
        unasked = [name for name in ("length", "is_stepwise", *parts) if name not in self.fields]
        given = ((name, self.current_value(name)) for name in unasked)
        return [(name, "on" if value is True else str(value)) for name, value in given if value]

    def words_of_parts(self, first: str) -> list[str]:
        """Return the words of each part; one left empty has those of the first."""
        return [
            self.cleaned_data.get(f"part_{number}", "").strip() or first for number in self.numbers
        ]

    def overriding_flag(self, text: str) -> str:
        """Return the first `--flag` that the vendor would obey over the settings, or ""."""
        flags = flags_in(text) if self.offer and self.offer.prompt_flags_override else []
        return flags[0] if flags else ""

    def check_words_of_parts(self, cleaned: Mapping[str, Any]) -> None:
        """Refuse words that the vendor would obey over the settings."""
        for number in self.numbers:
            if flag := self.overriding_flag(cleaned.get(f"part_{number}", "")):
                message = _("Remove --%s. It would override the settings.") % flag
                self.add_error(f"part_{number}", message)

    def check_price(self, cleaned: Mapping[str, Any]) -> None:
        """Refuse to order for a price that nobody was shown."""
        total = self.price_in_all
        if is_quoted(cleaned, total):
            return
        facts = {"count": self.count, "price": usd(total)}
        if total is None:
            message = _("The price is unknown. Press the button again to order anyway.")
        elif self.count == 1:
            message = _(
                "With these settings the job costs %(price)s. Press the button again to order it."
            )
        else:
            message = _("%(count)s parts cost %(price)s. Check them and press the button again.")
        self.add_error(None, message % facts)
