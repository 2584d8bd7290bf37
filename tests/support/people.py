"""A person at a browser without JavaScript: signs in, reads forms, sends them back."""

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx

from apps.demo.texts import PASSWORD


class Browser:
    """One person's cookies and requests, over real HTTP."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, trust_env=False, timeout=30)

    def __enter__(self) -> "Browser":
        """Open."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close its connections."""
        self.http.close()

    def sign_in(self, email: str) -> "Browser":
        """Sign in through the form everybody uses."""
        form = self.form("/accounts/login/")
        answer = self.post("/accounts/login/", form | {"login": email, "password": PASSWORD})
        assert answer.status_code == 302, answer.text
        return self

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Read a page."""
        return self.http.get(path, **options)

    def post(self, path: str, form: dict[str, str], **options: Any) -> httpx.Response:
        """Send a form."""
        return self.http.post(
            path, data=form, headers={"Referer": str(self.http.base_url)}, **options
        )

    def form(self, path: str, *, action: str = "") -> dict[str, str]:
        """Return the fields that a browser sends with the first form that posts to `action`."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        reader = FormReader(action or path)
        reader.feed(answer.text)
        assert reader.fields, f"no form on {path} posts to {reader.action}"
        return reader.fields

    def order_form(self, query: str = "") -> dict[str, str]:
        """Return the order form, with an image and words chosen."""
        form = self.form(f"/jobs/new/{query}", action="/jobs/new/")
        return form | {
            "text": "Slow dolly in, soft light",
            "prompt": "",
            "image": form.get("image") or form["image*"],
        }

    def upload(self, project: str, *pictures: Path) -> httpx.Response:
        """Add pictures to a project."""
        form = self.form(project, action=f"{project}images/")
        files = [("pictures", (path.name, path.read_bytes())) for path in pictures]
        return self.post(f"{project}images/", form, files=files)


class FormReader(HTMLParser):
    """Collects the fields of the first form whose action begins with `action`."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.action = action
        self.fields: dict[str, str] = {}
        self._inside = False
        self._done = False
        self._select = ""
        self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in one tag."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and not self._done and given.get("method", "").lower() == "post":
            target = given.get("action") or self.action
            self._inside = target.partition("?")[0] == self.action.partition("?")[0]
        elif self._inside and (name := given.get("name")):
            self._take(tag, name, given)
        elif self._inside and tag == "option" and self._select:
            self._choose(given)

    def _choose(self, given: dict[str, str]) -> None:
        if "selected" in given or self._select not in self.fields:
            self.fields[self._select] = given.get("value", "")

    def _take(self, tag: str, name: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        if tag == "select":
            self._select = name
        elif tag == "textarea":
            self._textarea = name
            self.fields[name] = ""
        elif tag == "input" and kind in {"radio", "checkbox"}:
            if "checked" in given:
                self.fields[name] = given.get("value", "on")
            self.fields.setdefault(f"{name}*", given.get("value", "on"))
        elif tag == "input" and kind not in {"file", "submit"}:
            self.fields[name] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        """Take in a textarea's text."""
        if self._textarea:
            self.fields[self._textarea] += data

    def handle_endtag(self, tag: str) -> None:
        """Leave a tag."""
        if tag == "form" and self._inside:
            self._inside, self._done = False, True
        self._select = "" if tag == "select" else self._select
        self._textarea = "" if tag == "textarea" else self._textarea
