import pytest
from django.template import engines
from django.test import RequestFactory
from django_htmx.middleware import HtmxMiddleware
from pytest_django.asserts import assertContains, assertNotContains

from apps.core.errors import DomainError, NotAllowed
from apps.core.htmx import go_to, render_page
from apps.core.middleware import DomainErrorMiddleware

PAGE = {"HX-Request": "true", "HX-Target": "notice"}


@pytest.fixture
def a_request():
    """Make a request, as htmx sends it where headers are given."""

    def make(**headers):
        request = RequestFactory().get(
            "/", headers={key.replace("_", "-"): value for key, value in headers.items()}
        )
        return HtmxMiddleware(lambda request: request)(request)

    return make


def render_test_page(request):
    parts = {"notice": "notice"}
    return render_page(request, "problem.html", {"problem": "A sentence."}, parts=parts)


def test_a_browser_gets_the_page(a_request):
    assertContains(render_test_page(a_request()), "<html")


def test_htmx_gets_the_part_it_names(a_request):
    response = render_test_page(a_request(HX_Request="true", HX_Target="notice"))
    assertContains(response, "A sentence.")
    assertNotContains(response, "<html")


@pytest.mark.parametrize(
    "headers",
    [
        {"HX_Target": "anything"},
        {"HX_Target": "problem.html"},
        {},
        {"HX_Target": "notice", "HX_Boosted": "true"},
        {"HX_Target": "notice", "HX_History_Restore_Request": "true"},
    ],
    ids=["unknown", "a-name-of-ours", "none", "boosted", "back-button"],
)
def test_anything_else_gets_the_page(a_request, headers):
    assertContains(render_test_page(a_request(HX_Request="true", **headers)), "<html")


@pytest.mark.parametrize("headers", [{}, {"HX_Request": "true", "HX_Target": "notice"}])
def test_no_cache_serves_a_part_where_a_page_is_due(a_request, headers):
    vary = render_test_page(a_request(**headers))["Vary"]
    assert {"HX-Request", "HX-Target", "HX-Boosted"} <= set(vary.split(", "))


def test_a_browser_is_redirected_and_htmx_is_told_where_to_go(a_request):
    assert go_to(a_request(), "projects:list")["Location"] == "/projects/"
    response = go_to(a_request(HX_Request="true"), "projects:list")
    assert (response.status_code, response["HX-Redirect"]) == (200, "/projects/")


def error_response(request, problem):
    return DomainErrorMiddleware(lambda _: None).process_exception(request, problem)


@pytest.mark.parametrize(
    ("problem", "status"), [(DomainError("No."), 422), (NotAllowed("No."), 403)]
)
def test_a_broken_rule_is_a_page_with_the_sentence(a_request, problem, status):
    response = error_response(a_request(), problem)
    assertContains(response, "<html", status_code=status)
    assertContains(response, "No.", status_code=status)


@pytest.mark.parametrize(
    ("problem", "status"), [(DomainError("No."), 422), (NotAllowed("No."), 403)]
)
def test_a_broken_rule_is_a_toast_for_htmx(a_request, problem, status):
    response = error_response(a_request(HX_Request="true", HX_Target="notice"), problem)
    assertNotContains(response, "<html", status_code=status)
    assert (response["HX-Retarget"], response["HX-Reswap"]) == ("#toasts", "beforeend")


def test_other_faults_are_left_alone(a_request):
    assert error_response(a_request(), ZeroDivisionError()) is None


def test_the_sentence_cannot_carry_markup(a_request):
    assertNotContains(error_response(a_request(), DomainError("<b>x</b>")), "<b>x", status_code=422)


@pytest.mark.parametrize(
    ("cookie", "theme"), [("dark", "dark"), ("light", "light"), ("x' onload=", "auto")]
)
def test_the_chosen_theme_is_on_the_first_byte_of_the_page(a_request, cookie, theme):
    request = a_request()
    request.COOKIES["theme"] = cookie
    page = engines["django"].get_template("base_plain.html").render({}, request)
    assert f'data-theme="{theme}"' in page


@pytest.mark.parametrize("charset", ["rot13", "utf-7", "idna", "unicode_escape", "none-of-these"])
def test_a_body_in_an_odd_charset_is_refused_not_stumbled_over(client, charset):
    answer = client.generic(
        "POST",
        "/accounts/login/",
        b"login=x",
        f"multipart/form-data; boundary=b; charset={charset}",
    )
    assert answer.status_code == 400
