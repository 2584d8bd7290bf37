import pytest
from pytest_django.asserts import assertContains

from apps.jobs.models import Job
from tests.factories.house import a_prompt, client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(creator, project, image, account):
    return client_of(creator)


@pytest.fixture
def form(page, image, account):
    given = page.get("/jobs/new/").context["form"]
    return {
        "ticket": given["ticket"].value(),
        "quoted": "0.15",
        "image": str(image.public_id),
        "account": account.pk,
        "text": "Slow dolly in",
        "set_resolution": "480p",
    }


def test_an_order_goes_to_its_job(page, form):
    answer = page.post("/jobs/new/", form)
    assert answer["Location"] == Job.objects.get().get_absolute_url()


def test_a_price_nobody_was_shown_is_not_charged(page, form):
    answer = page.post("/jobs/new/", form | {"set_resolution": "720p"})
    assertContains(answer, "the job costs $0.48", status_code=422)
    assert Job.objects.count() == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("set_aspect_ratio", "9:16"),
        ("set_aspect_ratio", "0:0"),
        ("set_aspect_ratio", "a:b"),
        ("set_aspect_ratio", ":"),
        ("set_resolution", "1080p"),
        ("set_chaos", "101"),
        ("set_seed", "-2"),
        ("set_stylize", "many"),
        ("image", "nothing"),
        ("text", ""),
        ("text", "Dolly in --motion high"),
        ("ticket", "x"),
    ],
)
def test_what_the_vendor_would_refuse_comes_back_with_what_was_typed(page, form, field, value):
    for address in ("/jobs/new/", "/jobs/new/preview/"):
        answer = page.post(address, form | {"text": "Slow dolly in"} | {field: value})
        assert answer.status_code == (422 if address == "/jobs/new/" else 200)
    assert Job.objects.count() == 0


def test_a_prompt_from_the_library_wants_its_variables(page, form, team):
    prompt = a_prompt(team, "The camera circles {product}, {light=studio light}.")
    chosen = form | {"prompt": str(prompt.public_id), "text": ""}
    assertContains(page.post("/jobs/new/", chosen), "needs a value here", status_code=422)
    page.post("/jobs/new/", chosen | {"var_product": "the lamp"})
    job = Job.objects.get()
    assert job.prompt_text == "The camera circles the lamp, studio light."
    assert (job.prompt_title, job.prompt_number) == (prompt.title, 1)
