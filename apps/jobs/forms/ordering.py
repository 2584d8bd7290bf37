"""The form for ordering a job."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.jobs.aspect_ratios import fits, nearest_aspect_ratio
from apps.jobs.forms.length import PartsForm
from apps.jobs.forms.parameters import deciding, field_for, parameters_to_ask, value_of
from apps.jobs.models import VendorAccount
from apps.jobs.services import price_of
from apps.projects.models import Image, Project
from apps.prompts.language import fill_in, missing_in, variables_of
from apps.prompts.models import Prompt, Version
from apps.vendors.offer import Offer, Parameter, Value
from apps.vendors.parameters import BadParameter, check_parameters


class OrderForm(PartsForm):
    """One order: image, words, the vendor's parameters, and the price it was shown with."""

    image: Any = forms.ModelChoiceField(
        label=_("Image"),
        queryset=None,
        to_field_name="public_id",
        error_messages={
            "required": _("Choose the image to animate."),
            "invalid_choice": _("Choose one of these images."),
        },
    )
    prompt: Any = forms.ModelChoiceField(
        label=_("Prompt from the library"),
        queryset=None,
        to_field_name="public_id",
        required=False,
        empty_label=_("No library prompt"),
    )
    text = forms.CharField(
        label=_("Your prompt"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What moves, how the camera moves, what the light does."),
    )
    account: Any = forms.ModelChoiceField(label=_("Vendor"), queryset=None, empty_label=None)
    is_urgent = forms.BooleanField(
        label=_("Urgent"), required=False, help_text=_("Skips the queue.")
    )

    def __init__(
        self, project: Project, data: Any = None, *, initial: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.project = project
        self._choose_from("image", project.images.order_by("-created_at", "-pk"))
        self._choose_from("prompt", Prompt.objects.with_latest().order_by("title"))
        self._choose_from("account", VendorAccount.objects.filter(is_open=True).order_by("pk"))
        self.vendor_account = self._account()
        self.version = self._version()
        self._variables = variables_of(self.version.text) if self.version else {}
        for name, default in self._variables.items():
            # Named after the variable: a value already typed fits the next prompt that asks for it.
            self.fields[f"var_{name}"] = forms.CharField(
                label=name, max_length=500, required=False, initial=default
            )
        offer = self.offer
        chosen = self._choices(deciding(offer)) if offer else {}
        for parameter in self._parameters():
            self.fields[f"set_{parameter.name}"] = field_for(parameter, self.vendor_account, chosen)
        if offer:
            self.ask_length(offer, self._choices({offer.length_setting}), made=0, fewest=0)

    def _choose_from(self, name: str, rows: Any) -> None:
        self.fields[name].queryset = rows  # type: ignore[attr-defined]  # a ModelChoiceField

    def _account(self) -> VendorAccount:
        accounts = self.fields["account"].queryset  # type: ignore[attr-defined]
        wanted = str(self.current_value("account") or "")
        chosen = (
            accounts.filter(pk=int(wanted)).first()
            if wanted.isdecimal() and len(wanted) < 19
            else None
        )
        account: VendorAccount = chosen or accounts.first()
        return account

    def _version(self) -> Version | None:
        wanted = self.current_value("prompt")
        try:
            prompt = self.fields["prompt"].clean(wanted) if wanted else None
        except forms.ValidationError:
            return None
        return (
            prompt.versions.select_related("prompt").order_by("-number").first() if prompt else None
        )

    def _parameters(self) -> list[Parameter]:
        return parameters_to_ask(self.vendor_account.offer) if self.vendor_account else []

    def _choices(self, names: set[str]) -> dict[str, Value]:
        """Return what is chosen in these settings; the default stands in for an invalid value."""
        chosen = {}
        for one in self._parameters():
            value = value_of(one, self.current_value(f"set_{one.name}"))
            if one.name in names:
                chosen[one.name] = value if value in one.choices else one.default
        return {name: value for name, value in chosen.items() if value is not None}

    def _values(self, given: Mapping[str, Any]) -> dict[str, Any]:
        pairs = (
            (one.name, value_of(one, given.get(f"set_{one.name}"))) for one in self._parameters()
        )
        return {name: value for name, value in pairs if value is not None}

    @property
    def offer(self) -> Offer | None:
        """The chosen account's offer."""
        return self.vendor_account.offer if self.vendor_account else None

    @property
    def pictures(self) -> list[tuple[Image, bool]]:
        """The project's images, each with whether it is the chosen one."""
        chosen = str(self.current_value("image") or "")
        images = self.fields["image"].queryset  # type: ignore[attr-defined]
        return [(image, str(image.public_id) == chosen) for image in images]

    @property
    def crop_note(self) -> str:
        """A warning that the vendor will crop the chosen image; "" where the aspect ratios fit."""
        image = next((image for image, is_chosen in self.pictures if is_chosen), None)
        shape = self._setting(self.vendor_account.offer.shape_setting) if self._shapes() else None
        if (
            image is None
            or str(shape) not in map(str, self._shapes())
            or fits(image.width, image.height, str(shape))
        ):
            return ""
        nearest = nearest_aspect_ratio(image.width, image.height, self._shapes())
        if nearest == str(shape):
            return ""
        return _(
            "The vendor will crop “%(title)s” to %(shape)s. %(nearest)s is nearest to its shape."
        ) % {
            "title": image.title,
            "shape": shape,
            "nearest": nearest,
        }

    def _shapes(self) -> tuple[Value, ...]:
        return self.vendor_account.offer.shapes if self.vendor_account else ()

    @property
    def has_idle_faults(self) -> bool:
        """Whether a fault hides among the settings that are folded away."""
        return any(field.errors for field in self.idle_fields)

    @property
    def price(self) -> Decimal | None:
        """The price of one part in USD, as the form stands."""
        if not self.vendor_account:
            return None
        names = deciding(self.vendor_account.offer)
        return price_of(self.vendor_account, {name: self._setting(name) for name in names})

    @property
    def price_field(self) -> str:
        """The field that decides the price, for the error where that is unknown."""
        offer = self.vendor_account.offer
        wanted = (f"set_{name}" for name in (offer.model_setting, *offer.price_settings))
        return next((name for name in wanted if name in self.fields), "account")

    def _setting(self, name: str) -> Any:
        """Return a parameter as the form stands; None where this vendor has no such parameter."""
        field = self.fields.get(f"set_{name}")
        return (self.current_value(f"set_{name}") or field.initial) if field else None

    @property
    def further(self) -> list[str]:
        """The words of the parts after the first."""
        return self.words_of_parts(self.cleaned_data["text"])

    @property
    def variable_fields(self) -> list[forms.BoundField]:
        """The fields of the chosen prompt's variables."""
        return [self[name] for name in self.fields if name.startswith("var_")]

    @property
    def main_fields(self) -> list[forms.BoundField]:
        """The parameters that decide what comes back."""
        return [self[f"set_{one.name}"] for one in self._parameters() if not one.may_have_no_effect]

    @property
    def idle_fields(self) -> list[forms.BoundField]:
        """The parameters that Midjourney documents as having no effect on video."""
        return [self[f"set_{one.name}"] for one in self._parameters() if one.may_have_no_effect]

    def clean(self) -> dict[str, Any]:
        """Fill in the prompt, check the parameters by the vendor's limits, compare the price."""
        cleaned = super().clean() or self.cleaned_data
        cleaned["text"] = self._words(cleaned)
        if self.vendor_account and not self.errors:
            self._check_parameters(cleaned)
            self.check_words_of_parts(cleaned)
            self.check_price(cleaned)
        return cleaned

    def _words(self, cleaned: Mapping[str, Any]) -> str:
        text: str = cleaned.get("text", "").strip()
        if self.version:
            text = self._fill_in(self.version.text, cleaned)
        elif not text and "text" not in self.errors:
            self.add_error("text", _("Write a prompt, or choose one from the library."))
        if flag := self.overriding_flag(text):
            message = _("Remove --%s. It would override the settings below.") % flag
            self.add_error("text", message)
        return text

    def _fill_in(self, text: str, cleaned: Mapping[str, Any]) -> str:
        values = {name: cleaned.get(f"var_{name}", "") for name in self._variables}
        missing = missing_in(text, values)
        for name in missing:
            self.add_error(f"var_{name}", _("This prompt needs a value here."))
        return "" if missing else fill_in(text, values)

    def _check_parameters(self, cleaned: dict[str, Any]) -> None:
        try:
            cleaned["parameters"] = check_parameters(
                self.vendor_account.offer, self._values(cleaned)
            )
        except BadParameter as fault:
            name = f"set_{fault.field}"
            self.add_error(name if name in self.fields else None, str(fault))
