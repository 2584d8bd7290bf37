"""What a reviewer fills in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.clips.states import Verdict


class DecisionForm(forms.Form):
    """A verdict and a note."""

    verdict = forms.ChoiceField(choices=Verdict.choices)
    # The last decision that the page showed, 0 for none: nobody is overruled by somebody who does
    # not know.
    last_decision_seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean(self) -> dict[str, Any]:
        """Ask for a note where the verdict needs one."""
        cleaned = super().clean() or self.cleaned_data
        verdict = Verdict.of(cleaned["verdict"]) if "verdict" in cleaned else None
        asked = verdict.traits.asks_for_note if verdict else ""
        if asked and not cleaned.get("note", "").strip():
            self.add_error("note", str(asked))
        return cleaned
