import csv
import io
import json

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.urls import reverse

from apps.activity import export
from apps.activity.models import Event
from apps.core.client_address import use_client_address
from apps.core.errors import DomainError
from apps.core.event_registry import registry
from apps.core.events import record
from apps.projects.services import create_project
from apps.teams.scoping import within
from tests.support.cases import case
from tests.support.factories import a_member, a_private_project, a_project, client_of

pytestmark = pytest.mark.django_db
LOG = reverse("activity:log")


@pytest.fixture
def project(owner, creator):
    with within(owner.team), use_client_address("203.0.113.7"):
        return create_project(creator, name="Harbour")


def table(client, **params):
    response = client.get(reverse("activity:log_csv"), params)
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_the_log_says_who_did_what_from_where_and_links_to_it(owner, creator, project):
    page = client_of(owner).get(LOG).content.decode()
    assert str(creator.user) in page
    assert "created the project Harbour" in page
    assert "203.0.113.7" in page
    assert project.get_absolute_url() in page


def test_a_deleted_subject_is_not_linked(owner, creator, project):
    address = project.get_absolute_url()
    with within(owner.team):
        project.delete()
    page = client_of(owner).get(LOG).content.decode()
    assert "created the project Harbour" in page
    assert address not in page


def test_the_log_distinguishes_a_former_member_a_stranger_and_automatic_steps(
    owner, creator, project
):
    with within(owner.team):
        record("ran_low", project, name="Main", left="1.00")
        with use_client_address("198.51.100.1"):
            record("sign_in_failed", owner.team)
    get_user_model().objects.get(pk=creator.user_id).delete()
    who = {row["deed"]: row["who"] for row in table(client_of(owner))}
    assert who["began"] == "former member"
    assert who["ran_low"] == "Automatic"
    assert who["sign_in_failed"] == "someone who was not signed in"


FILTERS = [
    ({}, {"began", "signed_in"}),
    ({"deed": "work"}, {"began"}),
    ({"deed": "access"}, {"signed_in"}),
    ({"deed": "steps"}, {"moved"}),
    ({"deed": "all"}, {"began", "signed_in", "moved"}),
    ({"kind": "team"}, {"signed_in"}),
    ({"who": "automatic"}, set()),
    ({"who": "automatic", "deed": "all"}, {"moved"}),
    ({"who": "house", "deed": "all"}, {"moved"}),  # as older bookmarks have it
    ({"from": "2001-01-01", "to": "2001-12-31"}, set()),
    ({"from": "2001-01-01"}, {"began", "signed_in"}),
    (
        {"from": "not a day", "to": "9999-99-99", "who": "x", "kind": "x", "project": "x"},
        {"began", "signed_in"},
    ),
]


def test_filters_narrow_the_log_and_its_exports_alike(owner, project):
    with within(owner.team):
        record("signed_in", owner.team, actor=owner.user)
        record("moved", project, to="saved")
    client = client_of(owner)
    for params, found in FILTERS:
        with case((params, found)):
            assert {row["deed"] for row in table(client, **params)} - {"exported"} == found
            assert client.get(LOG, params).status_code == 200


def test_a_routine_step_is_shown_only_if_a_person_did_it(owner, project):
    with within(owner.team):
        record("moved", project, actor=owner.user, to="cancelled")
        record("moved", project, to="saved")
    client = client_of(owner)
    by_hand, step = "moved a job to: cancelled", "moved a job to: saved"
    assert by_hand in {row["words"] for row in table(client)}
    assert step not in {row["words"] for row in table(client)}
    assert {row["words"] for row in table(client, deed="jobs")} == {by_hand}
    assert {row["words"] for row in table(client, deed="steps")} == {by_hand, step}


def test_operators_read_the_log_and_change_nothing(rf):
    site = admin.site.get_model_admin(Event)
    request = rf.get("/")
    request.user = get_user_model()(is_staff=True, is_superuser=True)
    assert site.has_view_permission(request)
    assert not site.has_add_permission(request)
    assert not site.has_change_permission(request)
    assert not site.has_delete_permission(request)


def test_a_verb_with_two_meanings_is_found_in_the_group_of_its_subject(owner, project):
    with within(owner.team):
        record("opened", project, actor=owner.user)
        record("opened", owner.team, actor=owner.user)
    client = client_of(owner)
    assert {row["about"] for row in table(client, deed="work")} == {"project"}
    assert {row["about"] for row in table(client, deed="team")} == {"team"}


def test_person_and_project_narrow_the_log(owner, creator, project):
    other = a_project(owner.team)
    with within(owner.team):
        record("began", other, actor=owner.user, name="Other")
    client = client_of(owner)
    assert {row["words"] for row in table(client, who=creator.public_id)} == {
        "created the project Harbour"
    }
    assert {row["words"] for row in table(client, project=other.public_id)} == {
        "created the project Other"
    }


def test_an_active_filter_is_a_chip_that_can_be_removed(owner, project):
    page = client_of(owner).get(LOG, {"deed": "work", "kind": "project"}).content.decode()
    assert f"Remove filter {registry.groups['work'].label}" in page
    assert 'href="?kind=project"' in page


def test_pages_of_the_log_cost_the_same(owner, project, django_assert_max_num_queries):
    client = client_of(owner)
    client.get(LOG)
    with django_assert_max_num_queries(25) as few:
        client.get(LOG)
    with within(owner.team):
        for number in range(120):
            record("began", project, actor=owner.user, name=f"P{number}")
    with django_assert_max_num_queries(len(few)):
        first = client.get(LOG)
    older = client.get(LOG, {"after": first.context["page"].next_cursor}).content.decode()
    assert "P69" in older
    assert "P70<" not in older


def test_an_export_holds_no_formula(owner, creator):
    with within(owner.team):
        create_project(creator, name="=HYPERLINK(1)")
        record("never_heard", owner.team, actor=a_member(owner.team, name="=1+1").user)
    rows = table(client_of(owner))
    assert {row["who"] for row in rows} >= {"'=1+1"}
    assert not any(value.startswith(("=", "+", "-", "@")) for row in rows for value in row.values())


def test_the_json_export_has_the_same_events_and_their_facts(owner, project, monkeypatch):
    monkeypatch.setattr("apps.core.csv_export.CHUNK_ROWS", 2)
    with within(owner.team):
        for number in range(4):
            record("began", project, actor=owner.user, name=f"P{number}")
    response = client_of(owner).get(reverse("activity:log_json"), {"deed": "work"})
    rows = json.loads(b"".join(response.streaming_content))
    assert [row["facts"]["name"] for row in rows] == ["P3", "P2", "P1", "P0", "Harbour"]
    assert "attachment" in response["Content-Disposition"]


def test_an_export_has_a_maximum_length(owner, project, monkeypatch):
    monkeypatch.setattr(export, "MOST_ROWS", 3)
    monkeypatch.setattr("apps.core.csv_export.CHUNK_ROWS", 2)
    with within(owner.team):
        for number in range(5):
            record("began", project, actor=owner.user, name=f"P{number}")
    assert len(table(client_of(owner))) == 3


def test_an_export_is_recorded_and_a_page_view_is_not(owner, project):
    client = client_of(owner)
    client.head(reverse("activity:log_csv"))
    table(client, deed="work")
    client.get(reverse("activity:log_json"))
    with within(owner.team):
        facts = [event.facts for event in Event.objects.filter(verb="exported").order_by("pk")]
    assert facts == [
        {"what": "audit", "format": "csv", "filters": {"deed": str(registry.groups["work"].label)}},
        {"what": "audit", "format": "json", "filters": {}},
    ]


@pytest.mark.parametrize("way", ["activity:log_csv", "budgets:ledger_csv"])
def test_an_export_narrowed_to_a_private_project_does_not_name_it(owner, way):
    project = a_private_project(owner.team, owner, name="Secret Launch")
    client_of(owner).get(reverse(way), {"project": project.public_id})
    with within(owner.team):
        filters = Event.objects.get(verb="exported").facts["filters"]
    assert filters["project"] == "a private project"


def test_an_export_of_the_ledger_is_recorded(owner):
    client = client_of(owner)
    client.get(reverse("budgets:ledger_csv"))
    client.get(reverse("reports:clips_csv"))
    with within(owner.team):
        assert {event.facts["what"] for event in Event.objects.filter(verb="exported")} == {
            "money",
            "clip_costs",
        }


def test_events_of_a_hidden_project_are_not_in_the_log(owner, project):
    with within(owner.team, hidden={project.pk}):
        assert not Event.objects.exists()
    with within(owner.team):
        assert Event.objects.count() == 1


@pytest.mark.parametrize(
    "change", [lambda event: event.save(), lambda event: event.delete()], ids=["save", "delete"]
)
def test_one_event_is_neither_changed_nor_deleted(owner, project, change):
    with within(owner.team):
        event = Event.objects.get()
        event.verb = "never happened"
        with pytest.raises(DomainError, match="only ever added"):
            change(event)


def test_adding_many_events_overwrites_none(owner, project):
    with within(owner.team), pytest.raises(DomainError, match="only ever added"):
        Event.objects.bulk_create([], update_conflicts=True)
