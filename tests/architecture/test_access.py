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
    FORM,
    KNOCKS,
    OUR_MARK,
    OWNED,
    PAGES,
    PRESSED,
    TABLE,
    THEIR_MARK,
    THEIR_MONEY,
    WHO,
    addresses,
    expected_status,
    mark_texts,
    pages_read_by,
    put_back,
    rows_of,
    text_of,
    to_the_door,
)
from tests.support.answers import put_away
from tests.support.cases import case
from tests.support.factories import a_budget, a_job, a_member, a_prompt, a_refund

# Elsewhere the address is the same, whoever's objects there are.
ABOUT = [(name, method) for name, method in KNOCKS if name in TABLE["about"]]


def room_of(name: str) -> str:
    return name.partition(":")[0]


MEMBERS = [role.value for role in Role]
# What another team's rows say, and what ours say, to whoever is not in it.
NOT_FOR = {who: [THEIR_MARK, THEIR_MONEY] for who in MEMBERS} | {
    "outsider": [OUR_MARK],
    "stranger": [OUR_MARK, THEIR_MARK, THEIR_MONEY],
    "guest": [OUR_MARK, THEIR_MARK, THEIR_MONEY],
}

ROOMS = sorted({room_of(name) for name in PAGES})

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

    def finish(self) -> None:
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


def test_a_team_has_one_of_everything(world):
    for model in OWNED:
        for side in (world.ours, world.theirs):
            with case(model._meta.label):
                rows = rows_of(model, side.team)
                assert rows.exists(), "give it to belongings_of() or furnish()"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("room", ROOMS)
def test_at_the_edges_of_each_line_they_get_what_the_table_says(
    world, record_property, room, method
):
    for name in pages_of(room):
        with case(f"{name} {method}"), put_back():
            knocks = Knocks(record_property, name)
            knock(world, knocks, name, method, edges(name, method))


def pages_of(room: str) -> list[str]:
    return [name for name in PAGES if room_of(name) == room]


def edges(name: str, method: str) -> list[str]:
    """One person for each answer: the first who is let in, the last who is not.

    A method that is refused to everybody alike has no edge.
    """
    people: dict[tuple[int, bool], str] = {}
    for who in WHO:
        answer = expected_status(name, method, who), who in MEMBERS
        if answer not in people or answer[0] in {403, 404, 405}:
            people[answer] = who
    is_for_nobody = {status for status, _is_member in people} == {405}
    return [] if is_for_nobody else list(people.values())


@pytest.mark.proof
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("room", ROOMS)
def test_everybody_gets_what_the_table_says(world, record_property, room, method):
    for name in pages_of(room):
        with case(f"{name} {method}"), put_back():
            knock(world, Knocks(record_property, name), name, method, WHO)


def knock(world, knocks: Knocks, name: str, method: str, people: list[str]) -> None:
    address = world.way(name)
    for who in people:
        response = ask(world.browser(who), method, address)
        anonymous = who in {"stranger", "guest"}
        assert to_the_door(response) == (anonymous and response.status_code == 302)
        knocks.count(who, response, {expected_status(name, method, who)}, method)
    if people:
        knocks.finish()


def test_a_link_lets_a_guest_see_the_invitation_and_nothing_else():
    differing = [
        (name, method)
        for name, method in KNOCKS
        if expected_status(name, method, "guest") != expected_status(name, method, "stranger")
    ]
    assert differing == [("teams:join", "GET")]


def test_what_is_another_teams_is_not_there_for_our_owner(world, record_property):
    for name, method in ABOUT:
        with case(f"{name} {method}"), put_back():
            knock_at_theirs(world, Knocks(record_property, name), name, method, ["owner"])


@pytest.mark.proof
def test_what_is_another_teams_is_not_there_for_anybody_of_ours(world, record_property):
    for name, method in ABOUT:
        with case(f"{name} {method}"), put_back():
            knock_at_theirs(world, Knocks(record_property, name), name, method, MEMBERS)


def knock_at_theirs(world, knocks: Knocks, name: str, method: str, people: list[str]) -> None:
    for who in people:
        response = ask(world.browser(who), method, world.way(name, of_others=True))
        knocks.count(who, response, abroad(name, method, who), f"{method} at theirs")
    knocks.finish()


def abroad(name: str, method: str, who: str) -> set[int]:
    """Return the answers allowed at another team's object: 404, unless the page is open to all."""
    here, outside = expected_status(name, method, who), expected_status(name, method, "outsider")
    if outside != 404 or here == 404:
        return {here}
    return {403, 404} if here == 403 else {404}


@pytest.mark.proof
@pytest.mark.parametrize("room", ROOMS)
def test_no_other_way_of_asking_opens_more(world, record_property, room):
    for name in pages_of(room):
        with case(name), put_back():
            knock_in_other_ways(world, Knocks(record_property, name), name)


def knock_in_other_ways(world, knocks: Knocks, name: str) -> None:
    for who, browser in world.everybody().items():
        shown = expected_status(name, "GET", who)
        response = ask(browser, "HEAD", world.way(name))
        assert not text_of(response).partition("\n")[2]
        knocks.count(who, response, {shown, 405}, "HEAD")
        for method in ("PUT", "PATCH", "DELETE", "OPTIONS"):
            knocks.count(who, ask(browser, method, world.way(name)), {405}, method)
    knocks.finish()


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
    knocks.count("owner", response, {expected_status(name, "GET", "owner")}, "as if POST")
    knocks.finish()


def without_changes(text: str) -> str:
    """Return a page without what is new each time: form tokens, ages, and that it was read."""
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
    mark_texts(_with_more_of_everything(world.theirs), THEIR_MARK)
    after = everything_read_by(world, who)
    for name, text in before.items():
        knocks.checks += 1
        if text != after[name]:
            changed = zip(text.splitlines(), after[name].splitlines(), strict=False)
            knocks.leaks.append(
                (name, next((pair for pair in changed if pair[0] != pair[1]), None))
            )
    knocks.finish()


def everything_read_by(world, who: str) -> dict[str, str]:
    """Every page, also narrowed to the words of the other team and of ours."""
    browser, found = world.browser(who), {}
    for name in pages_read_by(who):
        for query in ("", f"?q={THEIR_MARK}") if who == "owner" else ("",):
            point = transaction.savepoint()  # our log tells that it was read
            response = browser.get(world.way(name) + query)
            found[name + query] = without_changes(text_of(response))
            put_away(response)
            transaction.savepoint_rollback(point)
    return found


def _with_more_of_everything(side):
    team = side.team
    owner = a_member(team)
    job = a_job(team, State.SAVED, image=side.belongings.image, created_by=owner.user)
    a_job(team, State.UNCONFIRMED, account=job.account, image=job.image)
    a_prompt(team)
    a_refund(team, project=job.project, person=owner.user)
    a_budget(team, limit_usd=THEIR_MONEY, person=owner.user)
    return team


@pytest.mark.parametrize("kind", ["video", "poster", "sprite"])
def test_the_files_of_a_clip_are_its_teams(world, knocks, kind):
    ours, theirs = (
        reverse("clips:file", args=[side.belongings.clip.public_id, kind])
        for side in (world.ours, world.theirs)
    )
    files_are_its_teams(world, knocks, ours, theirs)


@pytest.mark.parametrize("kind", ["picture", "thumbnail"])
def test_the_files_of_an_image_are_its_teams(world, knocks, kind):
    ours, theirs = (
        reverse("projects:image", args=[side.belongings.image.public_id, kind])
        for side in (world.ours, world.theirs)
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
    knocks.finish()


def addresses_of_libraries():
    """The addresses of the libraries' pages that need no number, and of the admin site with one."""
    for prefix, name, pattern in _pages_below(get_resolver(), ""):
        if prefix in {"accounts/", "admin/"} and name:
            yield prefix + re.sub(r"\^|\$|\\Z", "", re.sub(r"<[^>]*>", "1", str(pattern)))


def _pages_below(resolver, prefix):
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            inner = str(pattern.pattern)
            if prefix == "" and inner in {"admin/", "accounts/"}:
                yield from _pages_below(pattern, inner)
            elif prefix:
                yield from (
                    (prefix, name, inner + path) for _p, name, path in _pages_below(pattern, prefix)
                )
        elif prefix:
            yield prefix, pattern.name, str(pattern.pattern)


OTHERS = sorted(set(addresses_of_libraries()))


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
    knocks.finish()


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
    knocks.finish()


@pytest.mark.parametrize("name", ["email", "change_password", "set_password", "reauthenticate"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_changes_an_account_without_signing_in(client, name, method):
    response = client.generic(method, reverse(f"account_{name}"), PRESSED, FORM)
    assert response["Location"].startswith(reverse(settings.LOGIN_URL))
