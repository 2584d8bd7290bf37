import json

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.urls import reverse
from django.utils.html import escape

from apps.activity.mentions import mentioned_members, suggestions
from apps.activity.models import Event
from apps.activity.views import people
from apps.clips.states import Verdict
from apps.projects.services import create_project
from apps.reviews.services import decide
from apps.teams.roles import Role
from apps.teams.scoping import within
from tests.activity.conftest import ordered_job, run_fan_out, save_clip, topics
from tests.support.cases import case
from tests.support.factories import a_member, a_private_project, a_project, client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("local_files")]


@pytest.fixture
def mira(team):
    return a_member(team, name="Mira Sol", email="mira.sol@studio.example")


@pytest.fixture
def jon(team):
    return a_member(team, name="Jon", email="jon@studio.example")


TEXTS = [
    ("@MiraSol, please look", {"mirasol"}),
    ("@mira.sol.", {"mira.sol"}),
    ("(@MIRASOL) and @jon!", {"mirasol", "jon"}),
    ("write to mira@jon.example", set()),
    ("@nobody @ @@jon @jonathan", set()),
    ("\n@jon\n@jon", {"jon"}),
    ("@jon@x.example", {"jon"}),
    ("<b>@jon</b>", {"jon"}),
]


def test_a_member_is_meant_by_name_without_spaces_or_address(mira, jon):
    for text, meant in TEXTS:
        with case((text, meant)):
            assert set(mentioned_members(text, [mira, jon])) == meant


def test_a_name_that_two_people_share_means_nobody(team, mira):
    twin = a_member(team, name="Mira Sol", email="twin@studio.example")
    assert mentioned_members("@mirasol", [mira, twin]) == {}
    assert mentioned_members("@twin @mira.sol", [mira, twin]) == {"twin": twin, "mira.sol": mira}


def test_a_mention_in_a_note_notifies_and_is_stored_as_values(creator, reviewer, mira):
    clip = save_clip(ordered_job(creator))
    with within(creator.team):
        decision = decide(reviewer, clip, Verdict.CHANGES, "Slower, @MiraSol. <script>")
    run_fan_out()
    assert "mentioned" in topics(mira)
    assert decision.mentions == [{"word": "mirasol", "name": "Mira Sol"}]
    page = client_of(creator).get(clip.get_absolute_url()).content.decode()
    assert '<b class="mention" title="Mira Sol">@MiraSol</b>' in page
    assert "&lt;script&gt;" in page


def test_a_mention_in_a_brief_notifies(creator, mira):
    with within(creator.team):
        project = create_project(creator, name="Harbour", brief="For @mirasol by Friday")
    run_fan_out()
    assert topics(mira) == ["mentioned"]
    assert "mention" in client_of(creator).get(project.get_absolute_url()).content.decode()


def test_mentioning_oneself_notifies_nobody(mira):
    with within(mira.team):
        create_project(mira, name="Harbour", brief="mine: @mirasol")
    run_fan_out()
    assert topics(mira) == []


def test_people_who_cannot_see_the_project_are_neither_mentioned_nor_suggested(
    owner, private_for_owners
):
    someone = a_member(owner.team, Role.VIEWER, name="Kim", email="kim@studio.example")
    with within(owner.team):
        project = create_project(owner, name="Harbour", brief="@kim")
        assert not Event.objects.filter(verb="mentioned").exists()
    assert project.mentions == []
    assert suggestions(owner.team, project.pk, "kim") == []
    assert [one for _handle, one in suggestions(owner.team, None, "kim")] == [someone]


HOSTILE = '"><img src=x onerror=alert(1)>'


def test_a_text_with_mentions_is_escaped():
    page = Template("{% load mentions %}{{ text|mentions:kept }}")
    shown = page.render(
        Context({"text": f"{HOSTILE} @jon {HOSTILE}", "kept": [{"word": "jon", "name": HOSTILE}]})
    )
    assert "<img" not in shown
    assert shown.count(escape(HOSTILE)) == 3


def test_suggestions_begin_with_what_is_typed_and_name_the_handle_to_write(creator, mira, jon):
    client = client_of(creator)
    found = client.get(reverse("activity:people"), {"q": "sol"}).json()["people"]
    assert [(one["handle"], one["name"]) for one in found] == [("MiraSol", "Mira Sol")]
    assert len(client.get(reverse("activity:people"), {"q": ""}).json()["people"]) >= 3


@pytest.mark.parametrize(("hidden", "found"), [(True, 0), (False, 1)])
def test_a_hidden_project_gives_no_suggestions(creator, mira, hidden, found):
    project = a_project(creator.team)
    request = RequestFactory().get("/", {"q": "mira", "project": project.pk})
    request.user, request.member = creator.user, creator
    with within(creator.team, hidden={project.pk} if hidden else ()):
        assert len(json.loads(people(request).content)["people"]) == found


def test_a_project_id_that_is_no_number_is_ignored(creator, mira):
    answer = client_of(creator).get(reverse("activity:people"), {"q": "mira", "project": "1e9"})
    assert [one["name"] for one in answer.json()["people"]] == ["Mira Sol"]


def test_a_project_id_does_not_reveal_another_teams_private_project(creator, mira, stranger):
    theirs = [a_private_project(stranger.team, stranger), a_project(stranger.team)]
    ask = {"q": "sol"}
    found = [
        client_of(creator).get(reverse("activity:people"), ask | {"project": one.pk}).json()
        for one in theirs
    ]
    assert found[0] == found[1]
