import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from apps.core.errors import DomainError, NotAllowed
from apps.prompts.models import Prompt, Version
from apps.prompts.services import create_prompt, revise
from apps.teams.scoping import within
from tests.support.cases import case
from tests.support.factories import a_prompt, client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def inside(creator):
    """Be within the creator's team."""
    with within(creator.team):
        yield creator


def texts(prompt) -> list[str]:
    return list(prompt.versions.order_by("number").values_list("text", flat=True))


def test_a_new_prompt_has_its_first_version(inside):
    prompt = create_prompt(inside, title="Dolly", text="Dolly in on {subject}.")
    (version,) = prompt.versions.all()
    assert (version.number, version.variables, str(version)) == (1, {"subject": ""}, "Dolly v1")


def test_a_revision_keeps_earlier_versions(inside):
    prompt = create_prompt(inside, title="Dolly", text="one")
    revise(inside, prompt, text="two", note="shorter")
    assert texts(prompt) == ["one", "two"]
    assert prompt.versions.get(number=2).note == "shorter"


def test_an_unchanged_text_adds_nothing(inside):
    prompt = create_prompt(inside, title="Dolly", text="one")
    assert revise(inside, prompt, text="one").number == 1
    assert texts(prompt) == ["one"]


def test_going_back_to_an_earlier_text_is_a_new_version(inside):
    prompt = create_prompt(inside, title="Dolly", text="one")
    revise(inside, prompt, text="two")
    assert revise(inside, prompt, text="one").number == 3


def test_a_title_is_unique_in_its_team(inside):
    create_prompt(inside, title="Dolly", text="one")
    with pytest.raises(DomainError, match="already"):
        create_prompt(inside, title="Dolly", text="two")


def test_a_viewer_writes_no_prompt(viewer):
    with within(viewer.team):
        prompt = a_prompt(viewer.team)
        with pytest.raises(NotAllowed):
            create_prompt(viewer, title="Dolly", text="one")
        with pytest.raises(NotAllowed):
            revise(viewer, prompt, text="two")


def test_a_prompt_is_written_and_revised_on_its_pages(creator):
    client = client_of(creator)
    response = client.post(reverse("prompts:create"), {"title": "Dolly", "text": "Dolly in."})
    with within(creator.team):
        prompt = Prompt.objects.get()
    assertRedirects(response, prompt.get_absolute_url())
    assertRedirects(
        client.post(prompt.get_absolute_url(), {"text": "Dolly out."}), prompt.get_absolute_url()
    )
    with within(creator.team):
        assert texts(prompt) == ["Dolly in.", "Dolly out."]


def test_a_browsers_line_breaks_are_no_change(creator):
    prompt = a_prompt(creator.team, "First line.\nSecond line.")
    client_of(creator).post(prompt.get_absolute_url(), {"text": "First line.\r\nSecond line."})
    with within(creator.team):
        assert Version.objects.count() == 1


@pytest.mark.parametrize("page", ["prompts:create", "prompts:show"])
def test_flags_are_refused_and_what_was_typed_is_kept(creator, page):
    prompt = a_prompt(creator.team)
    url = reverse(page, args=[prompt.public_id] if page == "prompts:show" else [])
    response = client_of(creator).post(url, {"title": "Dolly", "text": "Heron --ar 16:9"})
    assertContains(response, "Remove --ar", status_code=422)
    assertContains(response, "Heron --ar 16:9", status_code=422)


def test_a_title_that_is_taken_comes_back_with_what_was_typed(creator):
    a_prompt(creator.team, title="Dolly")
    response = client_of(creator).post(
        reverse("prompts:create"), {"title": "Dolly", "text": "My words."}
    )
    assertContains(response, "A prompt with this title already exists.", status_code=422)
    assertContains(response, "My words.", status_code=422)


SEARCHES = [
    ("dolly", True),
    ("MIST", True),
    ("old words", False),
    ("100%", False),
    ("", True),
    (" mist ", True),
]


def test_the_library_is_searched_by_title_and_latest_text(viewer):
    a_prompt(viewer.team, "old words", "mist over the lake", title="Dolly in")
    for words, seen in SEARCHES:
        with case((words, seen)):
            response = client_of(viewer).get(reverse("prompts:list"), {"q": words})
            (assertContains if seen else assertNotContains)(response, "Dolly in")


def test_a_search_for_odd_characters_finds_nothing_and_breaks_nothing(viewer):
    for words in ("\0", "%" * 60_000):
        with case(words):
            assert client_of(viewer).get(reverse("prompts:list"), {"q": words}).status_code == 200


def test_a_search_never_leaves_the_team(viewer, stranger):
    a_prompt(stranger.team, "mist", title="Secret dolly")
    assertNotContains(client_of(viewer).get(reverse("prompts:list"), {"q": "mist"}), "Secret dolly")


def test_the_library_costs_the_same_however_long(viewer, django_assert_max_num_queries):
    client, url = client_of(viewer), reverse("prompts:list")
    a_prompt(viewer.team)
    client.get(url)
    with django_assert_max_num_queries(12) as one:
        client.get(url)
    for _ in range(5):
        a_prompt(viewer.team, "one", "two")
    with django_assert_max_num_queries(len(one)):
        client.get(url)


def test_another_teams_prompt_is_404(viewer, stranger):
    assert client_of(viewer).get(a_prompt(stranger.team).get_absolute_url()).status_code == 404
