"""A form whose token is no longer valid is answered by a page of ours, and loses nothing."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(owner):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(owner.user)
    return browser


def test_an_outdated_form_says_what_to_do(browser):
    answer = browser.post(reverse("projects:create"), {"name": "Autumn"})
    assertContains(answer, "This page was out of date", status_code=403)


def test_a_page_with_an_outdated_form_loads_itself_anew(browser):
    answer = browser.post(
        reverse("projects:create"), {"name": "Autumn"}, headers={"HX-Request": "true"}
    )
    assert (answer.status_code, answer["HX-Refresh"]) == (403, "true")
