import json

import pytest
from django.apps import apps
from django.db import models

from apps.operations.my_data import SECTIONS, my_data
from apps.teams.models import User
from apps.teams.services import suspend
from tests.support.factories import (
    a_member,
    a_private_project,
    a_project,
    a_token,
    a_user,
    client_of,
)

pytestmark = pytest.mark.django_db

# What leads to a person and is told in none of the sections, each with its reason.
UNTOLD = {
    ("admin.LogEntry", "user"): "the operators' log, which no member ever wrote into",
    ("teams.Invitation_joined", "user"): "told with the invitation",
    ("teams.User_groups", "user"): "Django's groups, which mjweb does not use",
    ("teams.User_user_permissions", "user"): "Django's permissions, which mjweb does not use",
}


def ways_to_a_person():
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey) and field.related_model is User:
                yield model._meta.label, field.name


def test_every_relation_to_a_person_is_exported_or_has_a_reason():
    told = {(one.model._meta.label, one.person_column) for one in SECTIONS.values()}
    assert set(ways_to_a_person()) - told - set(UNTOLD) == set()


def test_no_exported_column_holds_a_secret():
    columns = {column for section in SECTIONS.values() for column in section.columns}
    assert not {
        column
        for column in columns
        if "sealed" in column or column in {"digest", "password", "hint"}
    }


def test_an_export_holds_only_rows_of_its_person(creator, owner, stranger):
    a_project(creator.team, name="Mine", created_by=creator.user)
    a_project(creator.team, name="The owner's", created_by=owner.user)
    told = json.dumps(my_data(creator.user), default=str)
    assert "Mine" in told
    assert creator.user.email in told
    assert "The owner's" not in told
    assert owner.user.email not in told


def test_the_export_leaves_out_work_in_a_team_one_has_left(creator):
    a_project(creator.team, name="Left behind", created_by=creator.user)
    user = creator.user
    creator.delete()
    assert my_data(user)["projects"] == []


def test_the_export_leaves_out_a_project_hidden_from_its_creator(owner, creator):
    a_private_project(owner.team, owner, name="Heron", brief="A new brief", created_by=creator.user)
    a_private_project(owner.team, owner, creator, name="Harbour", created_by=creator.user)
    assert [one["name"] for one in my_data(creator.user)["projects"]] == ["Harbour"]


def test_the_export_of_a_suspended_team_is_only_the_membership(creator):
    a_project(creator.team, name="Behind closed doors", created_by=creator.user)
    suspend(a_user(is_staff=True), creator.team, "Unpaid bills.")
    told = my_data(creator.user)
    assert told["projects"] == []
    assert [one["team__name"] for one in told["teams"]] == [creator.team.name]


def test_the_export_is_downloaded_and_recorded(creator):
    a_token(creator)
    answer = client_of(creator).post("/me/data/")
    assert answer["Content-Type"] == "application/json"
    assert "attachment" in answer["Content-Disposition"]
    told = json.loads(answer.content)
    assert told["person"]["email"] == creator.user.email
    assert [one["verb"] for one in my_data(creator.user)["events"]] == ["exported"]


def test_a_token_exports_no_data(creator, client):
    _token, secret = a_token(creator)
    assert (
        client.post("/me/data/", headers={"authorization": f"Bearer {secret}"}).status_code == 403
    )


def test_the_export_holds_no_secret_of_the_person(creator):
    _token, secret = a_token(creator)
    told = json.dumps(my_data(creator.user), default=str)
    assert secret not in told
    assert creator.user.password not in told


def test_somebody_without_a_team_gets_their_data_too(client, creator):
    user = creator.user
    creator.delete()
    answer = client_of(user).post("/me/data/")
    assert answer.status_code == 200
    assert json.loads(answer.content)["teams"] == []


def test_an_export_leaves_out_other_members(creator):
    other = a_member(creator.team)
    assert other.user.email not in json.dumps(my_data(creator.user), default=str)
