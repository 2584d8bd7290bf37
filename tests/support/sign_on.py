"""A provider of single sign-on that really answers: a small one, on loopback."""

import json
import threading
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from time import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt

CLIENT, SECRET = "mjweb-of-the-tests", "secret of the tests"
NUMBERS = count(1)


@dataclass
class Provider:
    """Says of everybody what `says` holds; `twisted` replaces parts of what it answers."""

    url: str = ""
    says: dict[str, Any] = field(default_factory=dict)
    twisted: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def configuration(self) -> dict[str, Any]:
        """Where it answers what."""
        ways = {
            "authorization_endpoint": "authorize",
            "token_endpoint": "token",
            "userinfo_endpoint": "userinfo",
            "jwks_uri": "keys",
        }
        return {"issuer": self.url} | {name: f"{self.url}/{way}" for name, way in ways.items()}

    def let_through(self, way: str) -> str:
        """Sign somebody in who came by this address; return the address they are sent back to."""
        given = {name: values[0] for name, values in parse_qs(urlsplit(way).query).items()}
        code = f"code-{next(NUMBERS)}"
        self.codes[code] = given
        return f"{given['redirect_uri']}?code={code}&state={given['state']}"

    def token(self, form: dict[str, str]) -> dict[str, Any] | None:
        """Give a token for a code: once, to the client that proves it asked for the code."""
        given = self.codes.pop(form.get("code", ""), None)
        proof = (
            urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest())
            .rstrip(b"=")
            .decode()
        )
        if not given or (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return None
        if proof != given["code_challenge"] or form["redirect_uri"] != given["redirect_uri"]:
            return None
        claims = {"iss": self.url, "aud": CLIENT, "exp": time() + 60, "iat": time()} | self.says
        claims |= self.twisted.get("id_token", {})
        return {
            "access_token": "access",
            "token_type": "Bearer",
            "id_token": jwt.encode(claims, "k" * 32),
        }


@contextmanager
def a_provider() -> Iterator[Provider]:
    """Listen on loopback while this lasts."""
    provider = Provider()

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.asked.append(self.path)
            answers = {
                "/.well-known/openid-configuration": provider.configuration(),
                "/userinfo": provider.says,
            }
            path = urlsplit(self.path).path
            self._answer(provider.twisted.get(path, answers.get(path)))

        def do_POST(self) -> None:
            provider.asked.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._answer(provider.twisted.get("/token", provider.token(form)))

        def _answer(self, answer: Any) -> None:
            data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(400 if answer is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        provider.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()
