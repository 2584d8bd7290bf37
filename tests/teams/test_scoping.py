from itertools import product

import pytest
from django.apps import apps
from django.urls import reverse
from django_scopes.exceptions import ScopeError

from apps.projects.models import Project
from apps.teams.scoping import TeamOwned, everywhere, within
from tests.support.cases import case
from tests.support.factories import a_project, client_of

pytestmark = pytest.mark.django_db
OWNED = [model for model in apps.get_models() if issubclass(model, TeamOwned)]


QUERIES = {
    "list": lambda rows: list(rows.all()),
    "count": lambda rows: rows.count(),
    "filter": lambda rows: rows.filter(pk=1).first(),
    "delete": lambda rows: rows.filter(pk=1).delete(),
    "update": lambda rows: rows.update(team=1),
}


def test_a_query_that_names_no_team_refuses_to_run():
    for model, (name, query) in product(OWNED, QUERIES.items()):
        with case((model.__name__, name)), pytest.raises(ScopeError):
            query(model.objects)


def test_a_query_within_a_team_sees_that_team_alone(team, stranger):
    ours = a_project(team)
    with within(team):
        assert list(Project.objects.all()) == [ours]
    with within(stranger.team):
        assert ours not in Project.objects.all()


def test_everywhere_shows_every_team(team, stranger):
    ours = a_project(team)
    with everywhere():
        assert ours in Project.objects.all()
        assert Project.objects.count() == 2


def test_a_request_leaves_no_scope_behind(viewer):
    assert client_of(viewer).get(reverse("projects:list")).status_code == 200
    with pytest.raises(ScopeError):
        Project.objects.count()
