"""Forms of projects and pictures."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from apps.core.outbound import FetchRefused, parse_url
from apps.projects.models import Project

ACCEPT = "image/jpeg,image/png,image/webp,image/heic,image/heif,.heic,.heif"


class ProjectForm(forms.ModelForm):
    """A name and a brief."""

    class Meta:
        model = Project
        fields = ["name", "brief"]
        widgets = {
            "brief": forms.Textarea(
                attrs={
                    "rows": 3,
                    "data-mentions": reverse_lazy("activity:people"),
                    "data-mentions-label": _("People"),
                }
            )
        }
        help_texts = {
            "brief": _(
                "What you want, for whom and by when. Everyone in the project sees this. "
                "Use @ to mention someone."
            )
        }


class NewProjectForm(ProjectForm):
    """A new project, private or open."""

    class Meta(ProjectForm.Meta):
        fields = [*ProjectForm.Meta.fields, "is_private"]
        labels = {"is_private": _("Private")}
        help_texts = ProjectForm.Meta.help_texts | {
            "is_private": _("Only people you add can see it. Even owners need to be added.")
        }


class PicturesInput(forms.ClearableFileInput):
    """A file input that takes several pictures at once."""

    allow_multiple_selected = True


class PicturesField(forms.FileField):
    """Several files, none of them too large; decoding checks the content later."""

    widget = PicturesInput(attrs={"accept": ACCEPT, "multiple": True})

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        """Return the files, or say which of them is too large."""
        files = [super(PicturesField, self).clean(one, initial) for one in data or []]
        most, limit = settings.MAX_UPLOADS_AT_ONCE, settings.MAX_UPLOAD_BYTES
        if len(files) > most:
            raise forms.ValidationError(
                _("Add up to %(most)d images at a time."), params={"most": most}
            )
        for file in files:
            if file.size > limit:
                raise forms.ValidationError(
                    _("“%(name)s” is larger than %(limit)d MB. Export it smaller and try again."),
                    params={"name": file.name, "limit": limit // 1024 // 1024},
                )
        return files


class UploadForm(forms.Form):
    """Pictures to add to a project: files, a URL, or both."""

    pictures = PicturesField(
        label=_("Images"),
        required=False,
        allow_empty_file=True,  # refused by name when it is added, so that the others stay
        help_text=_("JPEG, PNG, WebP or HEIC. Drop them here, paste them, or choose them."),
    )
    address = forms.CharField(
        label=_("Or add from a URL"),
        required=False,
        max_length=2000,
        widget=forms.URLInput(attrs={"placeholder": "https://", "autocomplete": "off"}),
    )

    def clean_address(self) -> str:
        """Return the URL, or refuse one that is never fetched; no name is looked up yet."""
        address: str = self.cleaned_data["address"]
        try:
            if address:
                parse_url(address)
        except FetchRefused as fault:
            raise forms.ValidationError(str(fault)) from None
        return address

    def clean(self) -> dict[str, Any]:
        """Require a file or a URL."""
        given = super().clean() or self.cleaned_data
        if not self.errors and not (given["pictures"] or given["address"]):
            self.add_error("pictures", _("Choose at least one image."))
        return given
