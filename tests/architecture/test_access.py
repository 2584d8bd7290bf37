"""Every address is knocked at by everybody, in every way; access.toml says what each of them gets.

Each knock is counted, and what got through that should not have: `make access` adds them up.
"""

import re

import pytest
from django.conf import settings
from django.db import transaction
from django.urls import get_resolver, reverse

from apps.jobs.states import State
from apps.teams.roles import Role
from tests.architecture.world import (
    OUR_MARK,
    OWNED,
    PAGES,
    TABLE,
    THEIR_MARK,
    THEIR_MONEY,
    WHO,
    addresses,
    expected,
    marked,
    read_by,
    rows_of,
    text_of,
    to_the_door,
)
from tests.support.answers import put_away
from tests.support.factories import a_budget, a_job, a_member, a_prompt, a_refund

KNOCKS = [(name, method) for name, methods in PAGES.items() for method in methods]
# Elsewhere the address is the same, whoever's objects there are.
ABOUT = [(name, method) for name, method in KNOCKS if name in TABLE["about"]]
MEMBERS = [role.value for role in Role]
PRESSED, FORM = "pressed=yes", "application/x-www-form-urlencoded"
# What another team's rows say, and what ours say, to whoever is not in it.
NOT_FOR = {who: [THEIR_MARK, THEIR_MONEY] for who in MEMBERS} | {
    "outsider": [OUR_MARK],
    "stranger": [OUR_MARK, THEIR_MARK, THEIR_MONEY],
    "guest": [OUR_MARK, THEIR_MARK, THEIR_MONEY],
}

pytestmark = [pytest.mark.xdist_group("world of access"), pytest.mark.django_db]


class Knocks:
    """What was knocked at, and what came of it that should not."""

    def __init__(self, record_property, name: str) -> None:
        self.name, self.checks, self.leaks, self.surprises = name, 0, [], []
        self._record = record_property

    def count(self, who: str, response, wanted: set[int], hint: str = "") -> None:
        """Hold an answer against what it may be; one that lets in where it should not is a leak."""
        self.checks += 1
        told = f"{who} {hint} got {response.status_code}, not {sorted(wanted)}"
        if response.status_code not in wanted:
            (self.leaks if _lets_in(response) else self.surprises).append(told)
        said = "" if response.status_code == 405 else text_of(response)
        held = {OUR_MARK, THEIR_MARK} if self.name in TABLE["told_by_a_link"] else set()
        self.leaks += [
            f"{who} {hint} reads {mark}"
            for mark in NOT_FOR[who]
            if mark in said and mark not in held
        ]
        put_away(response)

    def done(self) -> None:
        """Hand the figures to whoever adds them up, and fail where something came of it."""
        self._record("access", [self.name, self.checks, len(self.leaks)])
        assert not self.leaks
        assert not self.surprises
        assert self.checks


def _lets_in(response) -> bool:
    return response.status_code in {200, 206, 422} or (
        response.status_code == 302 and not to_the_door(response)
    )


@pytest.fixture
def knocks(record_property, request):
    """Give the counter of this test's knocks."""
    name = request.node.callspec.params.get("name", "") if hasattr(request.node, "callspec") else ""
    return Knocks(record_property, name)


def ask(client, method: str, address: str):
    """Knock once: with a body where one belongs, and none where none does."""
    body = (
        {"data": PRESSED, "content_type": FORM} if method not in {"GET", "HEAD", "OPTIONS"} else {}
    )
    return client.generic(method, address, **body)


def test_every_address_has_its_rows():
    assert set(addresses(get_resolver())) == set(PAGES)
    assert all(set(methods) == {"GET", "POST"} for methods in PAGES.values())


@pytest.mark.parametrize("model", OWNED, ids=lambda model: model._meta.label)
def test_a_team_has_one_of_everything(world, model):
    for house in (world.ours, world.theirs):
        assert rows_of(model, house.team).exists(), "give it to belongings_of() or furnished()"


def knock(name: str, method: str) -> object:
    """A line of the table; one that refuses a method to everybody alike is a proof."""
    is_for_nobody = {expected(name, method, who) for who in WHO} == {405}
    marks = [pytest.mark.proof] if is_for_nobody else []
    return pytest.param(name, method, id=f"{name} {method}", marks=marks)


@pytest.mark.parametrize(("name", "method"), [knock(*one) for one in KNOCKS])
def test_everybody_gets_what_the_table_says(world, knocks, name, method):
    address = world.way(name)
    for who, browser in world.everybody().items():
        response = ask(browser, method, address)
        anonymous = who in {"stranger", "guest"}
        assert to_the_door(response) == (anonymous and response.status_code == 302)
        knocks.count(who, response, {expected(name, method, who)}, method)
    knocks.done()


def test_a_link_lets_a_guest_see_the_invitation_and_nothing_else():
    differing = [
        (name, method)
        for name, method in KNOCKS
        if expected(name, method, "guest") != expected(name, method, "stranger")
    ]
    assert differing == [("teams:join", "GET")]


@pytest.mark.parametrize(
    ("name", "method"), ABOUT, ids=[f"{name} {method}" for name, method in ABOUT]
)
def test_what_is_another_teams_is_not_there_for_anybody_of_ours(world, knocks, name, method):
    for who in MEMBERS:
        response = ask(world.browser(who), method, world.way(name, of_others=True))
        knocks.count(who, response, abroad(name, method, who), f"{method} at theirs")
    knocks.done()


def abroad(name: str, method: str, who: str) -> set[int]:
    """What somebody gets who knocks at another team's object: nothing, unless it is open to all or about none."""
    here, outside = expected(name, method, who), expected(name, method, "outsider")
    if outside != 404 or here == 404:
        return {here}
    return {403, 404} if here == 403 else {404}


@pytest.mark.proof
@pytest.mark.parametrize("name", PAGES)
def test_no_other_way_of_asking_opens_more(world, knocks, name):
    for who, browser in world.everybody().items():
        shown = expected(name, "GET", who)
        response = ask(browser, "HEAD", world.way(name))
        assert not text_of(response).partition("\n")[2]
        knocks.count(who, response, {shown, 405}, "HEAD")
        for method in ("PUT", "PATCH", "DELETE", "OPTIONS"):
            knocks.count(who, ask(browser, method, world.way(name)), {405}, method)
    knocks.done()


@pytest.mark.proof
@pytest.mark.parametrize(
    "name", sorted(posted for posted, methods in PAGES.items() if set(methods["POST"]) != {405})
)
def test_a_method_is_what_the_request_line_says(world, knocks, name):
    """A GET that claims to be a POST, in whichever way servers have once believed, is a GET."""
    tricks = {
        "headers": {
            "X-HTTP-Method-Override": "POST",
            "X-HTTP-Method": "POST",
            "X-Method-Override": "POST",
        }
    }
    browser = world.browser("owner")
    response = browser.get(world.way(name), {"_method": "POST"}, **tricks)
    knocks.count("owner", response, {expected(name, "GET", "owner")}, "as if POST")
    knocks.done()


def masked(text: str) -> str:
    """A page without what is new each time: tokens of forms, how long ago something was, and that it was read."""
    text = "\n".join(
        line for line in text.splitlines() if '"exported"' not in line and ",exported," not in line
    )
    text = re.sub(r'<time datetime="[^"]*" data-format="moment">[^<]*</time>', "", text)
    text = re.sub(r'"x-csrftoken": "\w+"', "", text)
    text = re.sub(r'(name="(?:csrfmiddlewaretoken|idempotency_key)" value)="[^"]*"', r"\1", text)
    text = re.sub(
        r'(value)="[^"]*"( name="(?:csrfmiddlewaretoken|idempotency_key)")', r"\1\2", text
    )
    text = re.sub(r"'Expires': '[^']*'", "", text)
    text = re.sub(r"nonce-[\w+/=-]+|handover/[\w:.-]+", "", text)
    return re.sub(r"\d+\s(second|minute)s?( ago)?|just now|now", "", text)


@pytest.mark.proof
@pytest.mark.parametrize("who", ["viewer", "owner"])
def test_nothing_that_another_team_has_changes_anything_we_read(world, knocks, who):
    """Counts, sums, menus, searches: all of them, because the whole answer is the same."""
    before = everything_read_by(world, who)
    marked(_grown(world.theirs), THEIR_MARK)
    after = everything_read_by(world, who)
    for name, text in before.items():
        knocks.checks += 1
        if text != after[name]:
            changed = zip(text.splitlines(), after[name].splitlines(), strict=False)
            knocks.leaks.append(
                (name, next((pair for pair in changed if pair[0] != pair[1]), None))
            )
    knocks.done()


def everything_read_by(world, who: str) -> dict[str, str]:
    """Every page, also narrowed to the words of the other team and of ours."""
    browser, found = world.browser(who), {}
    for name in read_by(who):
        for query in ("", f"?q={THEIR_MARK}") if who == "owner" else ("",):
            point = transaction.savepoint()  # our log tells that it was read
            response = browser.get(world.way(name) + query)
            found[name + query] = masked(text_of(response))
            put_away(response)
            transaction.savepoint_rollback(point)
    return found


def _grown(house):
    team, owner = house.team, a_member(house.team)
    job = a_job(team, State.SAVED, image=house.belongings.image, created_by=owner.user)
    a_job(team, State.UNCONFIRMED, account=job.account, image=job.image)
    a_prompt(team)
    a_refund(team, project=job.project, person=owner.user)
    a_budget(team, limit_usd=THEIR_MONEY, person=owner.user)
    return team


@pytest.mark.parametrize("kind", ["video", "poster", "sprite"])
def test_the_files_of_a_clip_are_its_teams(world, knocks, kind):
    ours, theirs = (
        reverse("clips:file", args=[house.belongings.clip.public_id, kind])
        for house in (world.ours, world.theirs)
    )
    files_are_its_teams(world, knocks, ours, theirs)


@pytest.mark.parametrize("kind", ["picture", "thumbnail"])
def test_the_files_of_an_image_are_its_teams(world, knocks, kind):
    ours, theirs = (
        reverse("projects:image", args=[house.belongings.image.public_id, kind])
        for house in (world.ours, world.theirs)
    )
    files_are_its_teams(world, knocks, ours, theirs)


def files_are_its_teams(world, knocks, ours, theirs) -> None:
    """Whole, in ranges, and when the browser says that it has the file already."""
    known = world.browser("owner").get(ours)
    tag = known["ETag"]
    put_away(known)
    asked = [{}, {"Range": "bytes=0-9"}, {"If-None-Match": tag}, {"If-None-Match": "*"}]
    for headers, got in zip(asked, (200, 206, 304, 304), strict=True):
        for who, browser in world.everybody().items():
            wanted = {"stranger": 302, "guest": 302, "outsider": 404}.get(who, got)
            knocks.count(who, browser.get(ours, headers=headers), {wanted}, str(headers))
            if who in MEMBERS:
                knocks.count(
                    who, browser.get(theirs, headers=headers), {404}, f"{headers} at theirs"
                )
    knocks.done()


def others_houses():
    """The addresses of the libraries' pages that need no number, and of the admin site with one."""
    for prefix, name, pattern in _walked(get_resolver(), ""):
        if prefix in {"accounts/", "admin/"} and name:
            yield prefix + re.sub(r"\^|\$|\\Z", "", re.sub(r"<[^>]*>", "1", str(pattern)))


def _walked(resolver, prefix):
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            inner = str(pattern.pattern)
            if prefix == "" and inner in {"admin/", "accounts/"}:
                yield from _walked(pattern, inner)
            elif prefix:
                yield from (
                    (prefix, name, inner + path) for _p, name, path in _walked(pattern, prefix)
                )
        elif prefix:
            yield prefix, pattern.name, str(pattern.pattern)


OTHERS = sorted(set(others_houses()))


@pytest.mark.proof
@pytest.mark.parametrize("path", [path for path in OTHERS if path.startswith("admin/")])
def test_the_admin_site_is_for_operators_alone(world, knocks, path):
    knocks.name = path
    for who, browser in world.everybody().items():
        for method in ("GET", "POST"):
            response = ask(browser, method, f"/{path}")
            assert (
                response.status_code != 302
                or "/login/" in response["Location"]
                or path.endswith("logout/")
            )
            wanted = (
                {200, 302, 403, 404}
                if path.endswith(("login/", "logout/"))
                else {302, 403, 404, 405}
            )
            knocks.checks += 1
            if response.status_code not in wanted:
                knocks.leaks.append(f"{who} {method} got {response.status_code}")
    knocks.done()


@pytest.mark.proof
@pytest.mark.parametrize("path", [path for path in OTHERS if path.startswith("accounts/")])
def test_no_page_of_an_account_tells_of_a_team_or_stumbles(world, knocks, path):
    knocks.name = path
    for who in WHO:
        for method in ("GET", "POST", "HEAD", "PUT", "OPTIONS"):
            # signing out is an address as well
            response = ask(world.browser(who), method, f"/{path}")
            assert response.status_code < 500, (who, method)
            knocks.checks += 1
            said = text_of(response)
            knocks.leaks += [f"{who} reads {mark}" for mark in NOT_FOR[who] if mark in said]
    knocks.done()


@pytest.mark.parametrize("name", ["email", "change_password", "set_password", "reauthenticate"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_changes_an_account_without_signing_in(client, name, method):
    response = client.generic(method, reverse(f"account_{name}"), PRESSED, FORM)
    assert response["Location"].startswith(reverse(settings.LOGIN_URL))
