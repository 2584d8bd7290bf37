"""Nothing reads around the scope: what it guards, who may leave it, and why."""

import ast
from collections.abc import Iterator

from django.apps import apps
from django.conf import settings

from apps.projects.models import Project
from apps.teams.models import Team
from apps.teams.scoping import TeamOwned
from tests.support.cases import case
from tests.support.repository import ROOT, each, inside, mentioning, tree_of

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
    "budgets.LedgerEntry": "a team's sums are whole; named() leaves names out",
    "activity.Delivery": "a hook is told nothing of private projects",
    "budgets.Budget": "so are its limits; whose() leaves names out",
}
# Further managers, which know no scope.
UNSCOPED = {
    "prompts.Version.all_teams": "a subquery that is tied to a prompt of the team",
}
# Where the code sees every team, or a team with its hidden projects.
EVERYWHERE = {
    "apps/activity/notice_stream.py _owners_since": "one tail serves everybody",
    "apps/activity/visibility.py who_may_hear": "this is where who sees a private project is asked",
    "apps/activity/tasks.py deliver": "rounds serve every team",
    "apps/activity/tasks.py send_mail": "rounds serve every team",
    "apps/activity/tasks.py dispatch_round": "rounds serve every team",
    "apps/activity/workers/erasing.py erase_person": "a person is taken out of all their teams",
    "apps/activity/stream_changes.py _reading": "one tail serves everybody",
    "apps/clips/tasks.py check": "rounds serve every team",
    "apps/clips/tasks.py dispatch_checks": "rounds serve every team",
    "apps/clips/tasks.py empty": "rounds serve every team",
    "apps/operations/doctor.py check_work": "an operator's command counts what waits",
    "apps/operations/reseal.py reseal_column": "an operator's command seals every secret anew",
    "apps/operations/my_data.py my_data": "a person's own rows, in whatever team they are",
    "apps/jobs/management/commands/vendor_check.py _accounts": "an operator's command",
    "apps/jobs/services/webhooks.py receive_webhooks": "a vendor calls about any job",
    "apps/jobs/tasks.py *": "rounds serve every team",
    "apps/projects/views/files.py picture_by_link": "a vendor fetches the picture its link names",
    "apps/teams/operators.py across_teams": "operators serve every team",
}
WITH_HIDDEN = {
    "apps/activity/workers/erasing.py _delete_old_events_of": "old events go, whatever project",
    "apps/activity/workers/mailing.py _readable": "what is hidden from a person is left out here",
    "apps/teams/services/reassigning.py reassign_work": "hidden work is handed over, too",
    "apps/teams/services/reassigning.py reassignable_counts": "hidden work is handed over, too",
    "apps/jobs/queries/accounts.py _count_moderated_by_vendor": "a vendor counts per account",
    "apps/jobs/queries/accounts.py moderated_today": "a vendor counts per account",
    "apps/projects/queries.py as_seen_by": "this is where what is hidden is worked out",
    "apps/projects/queries.py hidden_project_ids": "this is where what is hidden is worked out",
    "apps/jobs/queries/unfinished.py unfinished_counts": "archiving concerns every job of a team",
    "apps/projects/services.py reassign_project_memberships": "hidden work is handed over, too",
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


def test_every_manager_of_a_row_of_a_team_is_scoped():
    for model in OWNED:
        with case(label(model)):
            assert model._default_manager is model.objects
            managers = model._meta.managers
            scoped = {one.name for one in managers if hasattr(one, "with_scope")}
            assert "objects" in scoped
            others = {f"{label(model)}.{one.name}" for one in managers if one.name not in scoped}
            assert others <= set(UNSCOPED)


def test_a_row_that_belongs_to_a_project_is_hidden_with_it():
    for model in OWNED:
        with case(label(model)):
            column = getattr(model.objects, "path_to_project", None)
            assert_hidden_with_its_project(model, column)


def assert_hidden_with_its_project(model, column: str | None) -> None:
    ways = [way for way in ways_up(model, Project) if not way.startswith("team")]
    if model is Project:
        assert column == "pk"
    elif not ways or label(model) in WHOLE:
        assert column is None
    else:
        assert column in ways, f"say by which column it belongs to a project: {ways}"


def calls(name: str) -> Iterator[tuple[str, ast.Call]]:
    """Yield every call in a module, with the function it stands in."""
    nodes = [*ast.walk(tree_of(name))]
    functions = [one for one in nodes if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
    for call in (node for node in nodes if isinstance(node, ast.Call)):
        around = [one for one in functions if one.lineno <= call.lineno <= (one.end_lineno or 0)]
        yield max((one.lineno, one.name) for one in around)[1] if around else "module", call


def callee(call: ast.Call) -> str:
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def callers_of(function: str, keyword: str = "") -> set[str]:
    """Return where a function is called, with this keyword if there is one."""
    return {
        f"{name} {caller}"
        for name in mentioning(rf"\b{function}\(", inside("apps/", "mjweb/"))
        if name != "apps/teams/scoping.py"
        for caller, call in calls(name)
        if callee(call) == function
        if not keyword or any(one.arg == keyword for one in call.keywords)
    }


def is_listed(place: str, table: dict[str, str]) -> bool:
    return place in table or f"{place.split(maxsplit=1)[0]} *" in table


def test_only_those_on_the_list_leave_all_scopes():
    leaving = callers_of("everywhere")
    assert not [place for place in leaving if not is_listed(place, EVERYWHERE)]
    assert not [
        entry for entry in EVERYWHERE if not any(is_listed(one, {entry: ""}) for one in leaving)
    ]


def test_only_those_on_the_list_say_what_is_hidden():
    assert callers_of("within", "hidden") == set(WITH_HIDDEN)


def around_the_scope() -> list[str]:
    return mentioning("|".join([*AROUND, "django_scopes"]), inside("apps/", "mjweb/"))


@each(around_the_scope)
def test_no_module_reads_around_the_scope(name):
    nodes = [*ast.walk(tree_of(name))]
    if name == "apps/teams/scoping.py":
        return
    names = {getattr(node, "attr", getattr(node, "id", None)) for node in nodes}
    assert not names & AROUND
    sources = {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    assert "django_scopes" not in sources


def raw_queries() -> list[str]:
    names = [one for one in inside("apps/") if not one.startswith("apps/sandbox/")]
    return mentioning(rf"\b({'|'.join(RAW)})\(", names)


@each(raw_queries)
def test_no_module_writes_sql_of_its_own(name):
    called = {callee(call) for _caller, call in calls(name)}
    assert not called & RAW, "a query that Django writes is scoped; one of our own is not"


def test_what_is_hidden_is_worked_out_right_behind_the_door():
    door = settings.MIDDLEWARE.index("apps.teams.middleware.MemberMiddleware")
    assert settings.MIDDLEWARE[door + 1] == "apps.projects.middleware.HiddenProjectsMiddleware"


def test_templates_about_money_name_no_project_by_themselves():
    for name in (ROOT / "templates/budgets").glob("*.html"):
        text = name.read_text()
        assert not any(
            word in text for word in ("line.project.", "line.project ", "budget.project")
        )
