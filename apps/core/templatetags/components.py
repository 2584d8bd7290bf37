"""Tags for the parts that every page is built from: icons, chips, times, fields, empty states."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from django import template
from django.forms import BoundField, Form
from django.template.defaultfilters import date
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()
TOAST_ICONS = {"success": "saved", "warning": "alert", "error": "alert"}
LEVELS_THAT_STAY = {"warning", "error"}
HIDDEN = SafeString('aria-hidden="true"')


@register.simple_tag
def icon(name: str, *, label: str = "", css: str = "") -> SafeString:
    """Return an icon; without a label it is decoration, which screen readers skip."""
    spoken = format_html('role="img" aria-label="{}"', label) if label else HIDDEN
    return format_html(
        '<svg class="icon{}" {}><use href="{}#{}"></use></svg>',
        f" {css}" if css else "",
        spoken,
        _icons_url(),
        name,
    )


@cache
def _icons_url() -> str:
    """Return the address of all icons, looked up once: a page has a hundred of them."""
    return static("img/icons.svg")


_icon = icon  # where an argument has the same name


@register.simple_tag
def lock() -> SafeString:
    """Return the lock that stands before the name of a private project."""
    return icon("lock", label=_("Private"), css="icon--inline")


@register.simple_tag
def chip(label: str, *, icon: str = "question", tone: str = "", value: str = "") -> SafeString:
    """Return a state as text, icon and colour. Tones: accent, good, warn, bad, held or none."""
    return format_html(
        '<span class="chip" data-value="{}"{}>{}<span class="chip__label">{}</span></span>',
        value,
        format_html(' data-tone="{}"', tone) if tone else "",
        _icon(icon),
        label,
    )


@register.simple_tag
def time(when: datetime | None, style: str = "relative") -> str:
    """Return a time that scripts write in the reader's own way.

    Styles: relative, moment, short, long, clock (static/js/time.js).
    """
    if not when:
        return ""
    return format_html(
        '<time datetime="{}" data-format="{}">{}</time>',
        date(when, "c"),
        style,
        date(when, "j M Y, H:i"),
    )


@register.simple_tag
def avatar(person: Any, *, large: bool = False) -> SafeString:
    """Return somebody's initials; hidden from screen readers, the name stands beside them."""
    return format_html(
        '<span class="avatar{}" title="{}" aria-hidden="true">{}</span>',
        " avatar--large" if large else "",
        getattr(person, "name", "") or getattr(person, "email", ""),
        getattr(person, "initials", "") or "?",
    )


@register.simple_tag
def project_name(project: Any) -> SafeString:
    """Return a project's name, behind a lock where the project is private."""
    return format_html(
        "{}{}", format_html("{} ", lock()) if project.is_private else "", project.name
    )


@register.inclusion_tag("components/field.html")
def field(field: BoundField, *, hint: str = "", label: str = "") -> Mapping[str, Any]:
    """Draw a field with its label, hint and errors."""
    return {"field": field, "hint": hint, "label": label}


@register.inclusion_tag("components/fields.html")
def fields(form: Form, *, hint: str = "") -> Mapping[str, Any]:
    """Draw a form's errors and all its fields; `hint` stands instead of their own."""
    return {"form": form, "hint": hint}


@register.inclusion_tag("components/form_errors.html")
def form_errors(form: Form) -> Mapping[str, Any]:
    """Draw the errors that belong to the form as a whole."""
    return {"form": form}


@register.inclusion_tag("components/notice.html")
def notice(text: str, *, icon: str = "info", tone: str = "", title: str = "") -> Mapping[str, Any]:
    """Draw a sentence that matters on the page itself."""
    return {"text": text, "icon": icon, "tone": tone, "title": title}


@register.inclusion_tag("components/empty.html")
def empty_state(
    icon: str, title: str, text: str = "", *, href: str = "", verb: str = "", clear_url: str = ""
) -> Mapping[str, Any]:
    """Draw a page without anything on it: why, and the next step or the way out of the filters."""
    step = {"href": href, "verb": verb, "clear_url": clear_url}
    return {"icon": icon, "title": title, "text": text, **step}


@register.inclusion_tag("components/stat.html")
def stat(
    label: str, value: Any, *, icon: str = "", note: str = "", href: str = ""
) -> Mapping[str, Any]:
    """Draw one large figure with its label."""
    return {"label": label, "value": value, "icon": icon, "note": note, "href": href}


@register.inclusion_tag("components/copy_field.html")
def copy_field(field_id: str, value: str, *, label: str = "") -> Mapping[str, Any]:
    """Draw a value that is shown once, with a button that copies it."""
    return {"id": field_id, "value": value, "label": label}


@register.inclusion_tag("components/load_more.html")
def load_more(next_url: str) -> Mapping[str, Any]:
    """Draw the way to the next page of a list; it loads by itself when it comes into view."""
    return {"next_url": next_url}


@register.inclusion_tag("components/veil.html")
def veil(label: str, *, href: str = "") -> Mapping[str, Any]:
    """Draw the cover of a blurred clip, with the button that lifts it."""
    return {"label": label, "href": href}


@register.inclusion_tag("components/toast.html")
def toast(text: str, *, level: str = "info", undo_url: str = "") -> Mapping[str, Any]:
    """Draw a message; undo_url is a POST that takes it back, offered for 8 s."""
    return {
        "text": text,
        "level": level,
        "icon": TOAST_ICONS.get(level, "info"),
        "stays": level in LEVELS_THAT_STAY,
        "undo_url": undo_url,
    }


@register.inclusion_tag("components/keys_row.html")
def keys_row(keys: str, label: str) -> Mapping[str, Any]:
    """Draw a row of the sheet of shortcuts; keys are separated by spaces."""
    return {"keys": keys.split(), "label": label}


@register.inclusion_tag("components/palette_item.html")
def palette_item(to: str, icon: str, label: str) -> Mapping[str, Any]:
    """Draw a destination of the palette, by its URL name."""
    return {"to": to, "icon": icon, "label": label}


@register.inclusion_tag("components/nav_item.html", takes_context=True)
def nav_item(
    context: template.RequestContext,
    to: str,
    icon: str,
    label: str,
    *,
    yields: str = "",
    takes: str = "",
) -> Mapping[str, Any]:
    """Draw a room in the navigation.

    It is current on the room's own pages but for those it yields, and on the pages of other rooms
    that it takes. Both are separated by spaces.
    """
    match = context["request"].resolver_match
    ours = bool(match) and match.namespace == to.partition(":")[0]
    is_current = (ours and match.url_name not in yields.split()) or (
        bool(match) and match.view_name in takes.split()
    )
    return {"to": to, "icon": icon, "label": label, "is_current": is_current}
