"""A private project leaves no trace in lists, counts, searches, tables and what a form accepts."""

import re
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from apps.activity.models import Event
from apps.budgets.models import Budget
from apps.clips.services import move_to_trash
from apps.clips.states import Verdict
from apps.core.events import record
from apps.jobs.models import Job, VendorAccount
from apps.jobs.states import State
from apps.projects.models import Image
from apps.prompts.models import Prompt
from apps.reviews.services import decide
from apps.teams.roles import Role
from apps.teams.scoping import within
from tests.support.cases import case
from tests.support.factories import (
    a_clip,
    a_job,
    a_member,
    a_picture,
    a_private_project,
    an_account,
    an_image,
    belongings_of,
    client_of,
)

pytestmark = [
    pytest.mark.xdist_group("world of hidden"),
    pytest.mark.django_db,
    pytest.mark.usefixtures("local_files"),
]

LISTS = [
    "desk:home",
    "gallery:grid",
    "gallery:grid?state=moving",
    "gallery:grid?state=late",
    "gallery:grid?verdict=approved",
    "gallery:grid?q=secret",
    "clips:trash",
    "projects:list",
    "jobs:late",
    "jobs:create",
    "jobs:accounts",
    "reviews:queue",
    "prompts:list",
    "prompts:list?q=secret",
    "teams:people",
    "reports:clips",
    "reports:clips_csv",
    "budgets:prices",
    "budgets:budgets",
]
MONEY = [
    "budgets:overview",
    "budgets:ledger",
    "budgets:ledger_csv",
    "budgets:budgets",
    "reports:clips",
]
MONEY = [*MONEY, "reports:clips_csv", "budgets:overview?month=2020-01"]


def address(name: str) -> str:
    view, _question, query = name.partition("?")
    return f"{reverse(view)}?{query}"


def page_text(answer) -> str:
    """A page without what differs each time it is asked for."""
    text = b"".join(answer) if answer.streaming else answer.content
    changing = r'x-csrftoken": "\w+"|value="[-0-9a-f]{36}"|name="csrfmiddlewaretoken" value="\w+"'
    return re.sub(changing, "", text.decode())


@pytest.fixture
def insider(team):
    return a_member(team, Role.PRODUCER)


@pytest.fixture
def secret(team, insider):
    """A private project with one of everything, on an account that everybody sees."""
    return belongings_of(team, a_private_project(team, insider, name="Secret Launch"))


def more_rows(team, secret, insider) -> None:
    """Let much happen in a private project, but for spending."""
    image = an_image(team, secret.project, title="secret picture")
    facts = {"image": image, "account": secret.account, "created_by": insider.user, "price": None}
    for state in State:
        a_job(team, state, prompt_text="A secret pan.", **facts)
    job = a_job(team, State.SAVED, is_late=True, **facts)
    with within(team):
        decide(insider, a_clip(team, job, take=2), Verdict.APPROVED, "A secret note.")
        move_to_trash(insider, a_clip(team, job, take=3))


@pytest.fixture
def everyday(team):
    """An open project beside it."""
    return belongings_of(team)


@pytest.mark.usefixtures("everyday")
def test_no_list_changes_when_more_happens_out_of_sight(owner, secret, insider):
    for name in LISTS:
        with case(name):
            client = client_of(owner)
            before = page_text(client.get(address(name)))
            more_rows(owner.team, secret, insider)
            assert page_text(client.get(address(name))) == before


@pytest.mark.usefixtures("everyday")
def test_no_page_names_what_is_hidden(owner, secret, insider):
    for name in [*LISTS, *MONEY]:
        with case(name):
            more_rows(owner.team, secret, insider)
            page = page_text(client_of(owner).get(address(name)))
            ids = [secret.project.public_id, secret.image.public_id, secret.clip.public_id]
            assert not any(str(one) in page for one in ids)
            assert "secret launch" not in page.lower()
            assert "secret p" not in page.lower()
            assert reverse("jobs:show", args=[secret.job.public_id]) not in page


@pytest.mark.parametrize(
    "name", ["gallery:grid?q=secret", "gallery:grid", "projects:list", "reports:clips_csv"]
)
def test_whoever_is_let_in_finds_it(team, secret, insider, owner, name):
    producer = a_member(team, Role.PRODUCER)
    with within(team):
        secret.project.project_members.create(team=team, member=producer)
    more_rows(team, secret, insider)
    page = page_text(client_of(producer).get(address(name)))
    assert "Secret Launch" in page or "secret p" in page


def test_a_hidden_project_is_no_filter(team, owner, secret, everyday):
    client = client_of(owner)
    for name in ("gallery:grid", "budgets:overview", "budgets:ledger"):
        hidden, unknown = (
            page_text(client.get(reverse(name), {"project": public_id}))
            for public_id in (secret.project.public_id, uuid4())
        )
        assert re.sub(r"project=[-0-9a-f]+", "", hidden) == re.sub(
            r"project=[-0-9a-f]+", "", unknown
        )


def test_no_tile_of_a_hidden_job_is_handed_out(team, owner, secret, everyday):
    ids = [secret.job.public_id, secret.clip.public_id, everyday.job.public_id]
    page = client_of(owner).get(reverse("gallery:tiles"), {"id": ids})
    assertContains(page, str(everyday.job.public_id))
    assertNotContains(page, str(secret.job.public_id))
    assertNotContains(page, str(secret.clip.public_id))


def test_events_of_hidden_projects_are_not_there(team, secret):
    with within(team):
        record("seen", secret.job)
        assert Event.objects.filter(project_id=secret.project.pk).exists()
    with within(team, hidden={secret.project.pk}):
        assert not Event.objects.filter(subject_id=secret.job.public_id).exists()


ORDER = {"text": "Slow pan.", "quoted_price": "0.15", "set_resolution": "480p"}


def order(client, everyday, **given):
    idempotency_key = {
        "idempotency_key": uuid4(),
        "account": everyday.account.pk,
        "image": everyday.image.public_id,
    }
    return client.post(reverse("jobs:create"), ORDER | idempotency_key | given)


@pytest.fixture(params=["image", "image of another team", "prompt", "account"])
def foreign(request, secret, stranger):
    """A field, and the key of a row that whoever orders does not see."""
    if request.param == "image":
        return "image", secret.image.public_id
    field, models = (
        request.param.split()[0],
        {"image": Image, "prompt": Prompt, "account": VendorAccount},
    )
    with within(stranger.team):
        row = models[field].objects.get()
    return field, row.pk if field == "account" else row.public_id


def test_no_order_takes_what_its_maker_does_not_see(producer, everyday, foreign):
    field, key = foreign
    unknown = 10**9 if field == "account" else uuid4()
    client = client_of(producer)
    answers = [order(client, everyday, **{field: given}) for given in (key, unknown)]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert page_text(answers[0]) == page_text(answers[1])
    with within(producer.team):
        assert not Job.objects.filter(state=State.QUEUED).exists()


def test_the_same_order_with_rows_of_ones_own_goes_through(producer, everyday):
    assert order(client_of(producer), everyday).status_code == 302


@pytest.mark.parametrize("key", ["project", "image", "again"])
def test_an_order_form_knows_no_hidden_project(producer, secret, everyday, key):
    row = {"project": secret.project, "image": secret.image, "again": secret.job}[key]
    page = client_of(producer).get(reverse("jobs:create"), {key: row.public_id})
    assertContains(page, everyday.project.name)
    assertNotContains(page, "Secret")
    assertNotContains(page, secret.image.title)
    preview = client_of(producer).post(
        f"{reverse('jobs:preview')}?{key}={row.public_id}", {"text": "Pan."}
    )
    assertNotContains(preview, secret.image.title)


def test_a_job_of_a_hidden_project_is_never_repeated_in_another(team, producer, secret, everyday):
    answer = client_of(producer).post(
        f"{reverse('jobs:create')}?again={secret.job.public_id}",
        ORDER
        | {
            "idempotency_key": uuid4(),
            "account": everyday.account.pk,
            "image": everyday.image.public_id,
        },
    )
    assert answer.status_code == 302
    with within(team):
        assert Job.objects.get(state=State.QUEUED).rerun_of is None


@pytest.mark.parametrize("of", ["project", "person"])
def test_no_budget_is_set_for_what_one_does_not_see(team, owner, secret, stranger, of):
    scope = f"project:{secret.project.pk}" if of == "project" else f"person:{stranger.user_id}"
    given = {"period": "month", "limit_usd": "5", "warn_percent": "80"}
    client, url = client_of(owner), reverse("budgets:budgets")
    answers = [client.post(url, given | {"scope": one}) for one in (scope, f"{of}:{10**9}")]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert page_text(answers[0]).replace(scope, "") == page_text(answers[1]).replace(
        f"{of}:{10**9}", ""
    )
    with within(team):
        assert Budget.objects.count() == 1


def test_a_picture_that_lies_in_a_hidden_project_is_a_new_one_elsewhere(
    team, producer, secret, everyday
):
    data = a_picture()
    an_image(team, secret.project, data=data)
    url = reverse("projects:upload", args=[everyday.project.public_id])
    client_of(producer).post(url, {"pictures": SimpleUploadedFile("new.jpg", data)})
    with within(team):
        assert Image.objects.get(title="new").project == everyday.project


def test_an_account_counts_only_the_jobs_one_sees_and_warns_of_all(team, owner, insider):
    account = an_account(team, name="Main")
    image = an_image(team, a_private_project(team, insider))
    a_job(team, State.QUEUED, image=image, account=account)
    a_job(team, State.MODERATED, image=image, account=account)
    with within(team):
        job = a_job(team, State.SUBMITTING, image=image, account=account)
        job.move(State.MODERATED)
    page = client_of(owner).get(reverse("jobs:accounts"))
    assertContains(page, "<dt>Queued</dt><dd>0</dd>")
    assertContains(page, "1 of 10")
