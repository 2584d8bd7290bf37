"""Nothing reads around the scope: what it guards, who may leave it, and why."""

import ast
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.conf import settings

from apps.projects.models import Project
from apps.teams.models import Team
from apps.teams.scoping import TeamOwned
from tests.architecture.test_structure import ROOT, each, inside

OURS = [model for model in apps.get_models() if model.__module__.startswith("apps.")]
OWNED = [model for model in OURS if issubclass(model, TeamOwned)]

# Models that hang on a team and are not rows of its work.
OF_PEOPLE = {
    "teams.Member": "who is in which team is asked before there is a scope",
    "teams.Invitation": "who opens a link is in no scope yet",
    "teams.Token": "so is the machine that shows one",
    "teams.User": "the team somebody worked in last is asked before there is a scope",
}
# Rows that know a project, and are seen whole: see docs/decisions/0005-private-projects.md.
WHOLE = {
    "budgets.LedgerEntry": "the team's sums are true for whoever watches its money; named() leaves names out",
    "activity.Delivery": "a hook is told nothing of private projects",
    "budgets.Budget": "so are its limits; whose() leaves names out",
}
# Further managers, which know no scope.
UNSCOPED = {
    "prompts.Version.all_teams": "a subquery that is tied to a prompt of the team",
}
# Where the code sees every team, or a team with its hidden projects.
EVERYWHERE = {
    "apps/activity/notice_stream.py _owners_since": "one tail reads for all who listen, and tells each what is theirs",
    "apps/activity/visibility.py who_may_hear": "this is where who sees a private project is asked",
    "apps/activity/tasks.py deliver": "rounds serve every team",
    "apps/activity/tasks.py send_mail": "rounds serve every team",
    "apps/activity/tasks.py dispatch_round": "rounds serve every team",
    "apps/activity/workers/erasing.py erase_person": "a person is taken out of all their teams",
    "apps/activity/stream_changes.py _reading": "one tail reads for all who listen, and tells each what is theirs",
    "apps/clips/tasks.py check": "rounds serve every team",
    "apps/clips/tasks.py dispatch_checks": "rounds serve every team",
    "apps/clips/tasks.py empty": "rounds serve every team",
    "apps/operations/doctor.py check_work": "an operator's command counts what waits",
    "apps/operations/reseal.py reseal_column": "an operator's command seals every secret anew",
    "apps/operations/my_data.py my_data": "a person's own rows, in whatever team they are",
    "apps/jobs/management/commands/vendor_check.py _accounts": "an operator's command",
    "apps/jobs/services/webhooks.py receive_webhooks": "a vendor calls about whatever it made, and is told nothing",
    "apps/jobs/tasks.py *": "rounds serve every team",
    "apps/projects/views/files.py picture_by_link": "a vendor fetches the one picture its signed ticket names",
    "apps/teams/operators.py across_teams": "operators serve every team",
}
WITH_HIDDEN = {
    "apps/activity/workers/erasing.py _delete_old_events_of": "what is old goes, whatever project it is about",
    "apps/activity/workers/mailing.py _readable": "what this person must not hear of is left out here",
    "apps/teams/services/reassigning.py reassign_work": "who removes people need not see what they worked on",
    "apps/teams/services/reassigning.py reassignable_counts": "who removes people need not see what they worked on",
    "apps/jobs/queries/accounts.py _count_moderated_by_vendor": "a vendor counts for the whole account",
    "apps/jobs/queries/accounts.py moderated_today": "a vendor counts for the whole account",
    "apps/projects/queries.py as_seen_by": "this is where what is hidden is worked out",
    "apps/projects/queries.py hidden_project_ids": "this is where what is hidden is worked out",
    "apps/jobs/queries/unfinished.py unfinished_counts": "archiving concerns every job of a team",
    "apps/projects/services.py reassign_project_memberships": "who removes people need not see what they worked on",
}
AROUND = {"_base_manager", "with_scope", "with_scopes_disabled", "scopes_disabled"}
RAW = {"RawSQL", "raw", "extra", "cursor", "executescript"}


def label(model) -> str:
    return f"{model._meta.app_label}.{model.__name__}"


def ways_up(model, target, seen=()) -> Iterator[str]:
    """Yield every way from a row of `model` to one of `target` along its own columns."""
    for field in model._meta.concrete_fields:
        other = field.related_model
        # Rooms below projects keep a project's number, and no key.
        if other is target or (target is Project and field.name == "project_id"):
            yield field.name
        elif other in OURS and other not in seen and other is not model:
            yield from (f"{field.name}__{rest}" for rest in ways_up(other, target, (*seen, model)))


def test_whatever_hangs_on_a_team_is_scoped_or_says_why_not():
    hanging = {label(model) for model in OURS if model not in OWNED and [*ways_up(model, Team)]}
    assert hanging == set(OF_PEOPLE)


@pytest.mark.parametrize("model", OWNED, ids=label)
def test_every_manager_of_a_row_of_a_team_is_scoped(model):
    assert model._default_manager is model.objects
    scoped = {manager.name for manager in model._meta.managers if hasattr(manager, "with_scope")}
    others = {
        f"{label(model)}.{one.name}" for one in model._meta.managers if one.name not in scoped
    }
    assert "objects" in scoped
    assert others <= set(UNSCOPED)


@pytest.mark.parametrize("model", OWNED, ids=label)
def test_a_row_that_belongs_to_a_project_is_hidden_with_it(model):
    ways = [way for way in ways_up(model, Project) if not way.startswith("team")]
    told = getattr(model.objects, "path_to_project", None)
    if model is Project:
        assert told == "pk"
    elif not ways or label(model) in WHOLE:
        assert told is None
    else:
        assert told in ways, f"say by which column it belongs to a project: {ways}"


def calls(name: str) -> Iterator[tuple[str, ast.Call]]:
    """Yield every call in a module, with the function it stands in."""
    tree = ast.parse((ROOT / name).read_text())
    functions = [
        one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        around = [one for one in functions if one.lineno <= call.lineno <= (one.end_lineno or 0)]
        yield max((one.lineno, one.name) for one in around)[1] if around else "module", call


def called(call: ast.Call) -> str:
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def places(wanted) -> set[str]:
    return {
        f"{name} {function}"
        for name in inside("apps/", "mjweb/")
        if name != "apps/teams/scoping.py"
        for function, call in calls(name)
        if wanted(call)
    }


def listed(place: str, table: dict[str, str]) -> bool:
    return place in table or f"{place.split(maxsplit=1)[0]} *" in table


def test_only_those_on_the_list_leave_all_scopes():
    leaving = places(lambda call: called(call) == "everywhere")
    assert not [place for place in leaving if not listed(place, EVERYWHERE)]
    assert not [
        entry for entry in EVERYWHERE if not any(listed(one, {entry: ""}) for one in leaving)
    ]


def test_only_those_on_the_list_say_what_is_hidden():
    saying = places(
        lambda call: called(call) == "within" and any(one.arg == "hidden" for one in call.keywords)
    )
    assert saying == set(WITH_HIDDEN)


@each(inside("apps/", "mjweb/"))
def test_no_module_reads_around_the_scope(name):
    tree = ast.parse((ROOT / name).read_text())
    if name == "apps/teams/scoping.py":
        return
    names = {getattr(node, "attr", getattr(node, "id", None)) for node in ast.walk(tree)}
    assert not names & AROUND
    sources = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert "django_scopes" not in sources


@each([one for one in inside("apps/") if not one.startswith("apps/sandbox/")])
def test_no_module_writes_sql_of_its_own(name):
    asked = {called(call) for _function, call in calls(name)}
    assert not asked & RAW, "a query that Django writes is scoped; one of our own is not"


def test_what_is_hidden_is_worked_out_right_behind_the_door():
    door = settings.MIDDLEWARE.index("apps.teams.middleware.MemberMiddleware")
    assert settings.MIDDLEWARE[door + 1] == "apps.projects.middleware.HiddenProjectsMiddleware"


def test_templates_about_money_name_no_project_by_themselves():
    for name in (ROOT / "templates/budgets").glob("*.html"):
        text = name.read_text()
        assert not any(
            word in text for word in ("line.project.", "line.project ", "budget.project")
        )
