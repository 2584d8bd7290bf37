"""Forms of prompts."""

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.prompts.language import flags_in

TEXT_HELP = _("Write variables in braces: {subject}, or {light=golden hour} with a default.")


class VersionForm(forms.Form):
    """The text of a new version, and a note on the change."""

    text = forms.CharField(
        label=_("Text"),
        max_length=4000,
        help_text=TEXT_HELP,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    note = forms.CharField(label=_("What changed"), max_length=200, required=False)

    def clean_text(self) -> str:
        """Refuse `--flags`, because vendors let them override the chosen settings."""
        # Browsers send CRLF line breaks; texts are stored with LF.
        text: str = self.cleaned_data["text"].replace("\r\n", "\n")
        if flags := flags_in(text):
            raise forms.ValidationError(
                _("Remove --%(flag)s. It would override the job's settings."),
                params={"flag": flags[0]},
            )
        return text


class PromptForm(VersionForm):
    """A new prompt: its title and first text."""

    title = forms.CharField(label=_("Title"), max_length=120)
    note = None  # type: ignore[assignment]  # Django's way to drop an inherited field

    field_order = ["title", "text"]
