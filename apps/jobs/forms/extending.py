"""The form for extending a clip."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.clips.models import Clip
from apps.jobs.forms.length import PartsForm
from apps.jobs.models import Job
from apps.jobs.services import price_of
from apps.vendors.offer import Offer


class ExtendForm(PartsForm):
    """The new length of a clip, and the words of each further part."""

    words_left_empty = _("Same prompt as before")

    def __init__(
        self, clip: Clip, job: Job, data: Any = None, *, initial: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.clip, self.job = clip, job
        self._price = price_of(job.account, job.parameters)
        self.ask_length(self.offer, job.parameters, made=job.part, fewest=1)

    @property
    def offer(self) -> Offer:
        """The offer whose clip is extended."""
        return self.job.account.offer

    @property
    def price(self) -> Decimal | None:
        """Today's price of one further part."""
        return self._price

    @property
    def count(self) -> int:
        """The number of parts ordered: the clip itself is there already."""
        return len(self.numbers)

    @property
    def prompts(self) -> list[str]:
        """The words of each part."""
        return self.words_of_parts(self.clip.prompt_text)

    def clean(self) -> dict[str, Any]:
        """Check the words of each part, and the price."""
        cleaned = super().clean() or self.cleaned_data
        self.check_words_of_parts(cleaned)
        if not self.errors:
            self.check_price(cleaned)
        return cleaned
