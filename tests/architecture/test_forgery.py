"""Only our pages send our forms, and a form sets nothing that it does not ask for."""

import pytest
from django.conf import settings
from django.db import models, transaction
from django.test import Client
from django.urls import get_resolver

from tests.architecture.forms import every_address_posted_to, sheets_of
from tests.architecture.world import MODELS, PAGES, addresses, signed_addresses, snapshot

pytestmark = [pytest.mark.xdist_group("world of forgery"), pytest.mark.proof, pytest.mark.django_db]
ADDRESSES = sorted(set(addresses(get_resolver())) & set(PAGES))
# What is new each time by its nature.
FLEETING = (models.DateTimeField, models.UUIDField, models.FileField)
# The letter to a hook, which names its own number and its time; the digest of a secret that was
# just drawn.
DRAWN = {"body", "digest", "hint", "token_hash"}


def browser_with_guard(world) -> Client:
    """Our owner's browser, with the guard against forgery on."""
    client = Client(enforce_csrf_checks=True)
    client.cookies = world.browser("owner").cookies
    return client


def test_no_address_takes_a_form_that_did_not_come_from_our_page(world):
    client = browser_with_guard(world)
    taken = {
        name for name in ADDRESSES if client.post(world.way(name), {"a": "b"}).status_code != 403
    }
    assert taken == signed_addresses() & set(ADDRESSES), (
        "only what others' machines sign goes without"
    )


def test_a_token_does_not_help_who_comes_from_elsewhere(world):
    client = browser_with_guard(world)
    client.get(world.way("teams:profile"))
    form = {"csrfmiddlewaretoken": client.cookies[settings.CSRF_COOKIE_NAME].value, "a": "b"}
    elsewhere = [
        {"headers": {"Origin": "https://elsewhere.example"}},
        {"headers": {"Origin": "null"}},
        {"headers": {"Origin": "http://testserver.elsewhere.example"}},
        {"secure": True, "headers": {"Referer": "https://elsewhere.example/"}},
        {"secure": True, "headers": {"Referer": "http://testserver/"}},
        {"secure": True},
    ]
    for name in sorted(set(every_address_posted_to()) - signed_addresses()):
        for given in elsewhere:
            assert client.post(world.way(name), form, **given).status_code == 403, (name, given)
    assert client.post(world.way("teams:profile"), form).status_code != 403


def test_every_form_of_ours_carries_its_token(world):
    forms = sheets_of(world).all
    assert forms
    assert [
        address for address, fields in forms.items() if "csrfmiddlewaretoken" not in fields
    ] == []


def foreign_values(world) -> dict[str, str]:
    """A value for every column of every table, such as somebody might like it to have."""
    found = {}
    for model in MODELS:
        for field in model._meta.concrete_fields:
            value = _acceptable_value(world, field)
            found |= {
                field.name: value,
                field.attname: value,
                f"{model._meta.model_name}-{field.name}": value,
            }
    return found | {
        "is_staff": "on",
        "is_superuser": "on",
        "team": str(world.theirs.team.pk),
        "role": "owner",
    }


def _acceptable_value(world, field) -> str:
    if field.is_relation:
        row = field.related_model._base_manager.order_by("-pk").first()
        return str(row.pk) if row else "1"
    if field.choices:
        return str(field.flatchoices[-1][0])
    if isinstance(field, models.BooleanField):
        return "on"
    if isinstance(field, models.DateTimeField):
        return "2001-01-01 00:00:00"
    if isinstance(field, models.UUIDField):
        return str(world.theirs.team.public_id)
    return (
        "7"
        if "Integer" in type(field).__name__ or "Decimal" in type(field).__name__
        else "smuggled@mjweb.example"
    )


def lasting() -> set[str]:
    """The columns that two equal deeds leave equal."""
    return {
        field.attname
        for model in MODELS
        for field in model._meta.concrete_fields
        if not isinstance(field, FLEETING) and not field.primary_key and field.name not in DRAWN
    }


def came_of(send) -> list[tuple[str, object]]:
    """Every row as it stands after a deed, which is then put back."""
    columns, point = lasting(), transaction.savepoint()
    try:
        send()
        rows = snapshot(columns=columns)
        return sorted(
            (label, sorted((k, repr(v)) for k, v in row.items() if k != "pk"))
            for (label, _), row in rows.items()
        )
    finally:
        transaction.savepoint_rollback(point)


@pytest.mark.parametrize("name", every_address_posted_to())
def test_no_form_sets_what_it_does_not_ask_for(world, name):
    """The same deed with every column of every table added to the form comes to the same rows."""
    browser, sheets = world.browser("owner"), sheets_of(world)
    asked = sheets.values_of(name)
    more = {
        key: value
        for key, value in foreign_values(world).items()
        if key not in asked and key not in READ_BY_DEEDS
    }
    theirs = snapshot(world.theirs.team)
    plain = came_of(lambda: browser.post(world.way(name), asked))
    assert came_of(lambda: browser.post(world.way(name), asked | more)) == plain
    point = transaction.savepoint()
    browser.post(world.way(name), asked | more)
    assert snapshot(world.theirs.team) == theirs
    transaction.savepoint_rollback(point)


# Words that a deed reads from buttons which this world's job does not show.
READ_BY_DEEDS = {
    "number",
    "is_open",
    "is_urgent",
    "image",
    "account",
    "prompt",
    "text",
    "name",
    "title",
    "note",
    "verdict",
    "brief",
}
