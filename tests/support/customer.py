"""The patient customer of the sandbox's table of faults, on plain HTTP: see `apps.sandbox.faults`.

It orders once, orders again only what was provably not taken, looks for as long as it takes, looks
in the list for an order whose answer was lost, and fetches a clip again where it did not come
whole. What it stumbles over is kept in `troubles`. Time passes for it by the sandbox's own clock.
"""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from apps.footage.errors import BadClip
from apps.footage.probing import probe
from tests.support.sandbox import MODEL, TERMINAL, Sandbox

TRIES, QUICK_LOOKS, LATE_LOOKS = 4, 15, 10
LARGEST_CLIP = 5_000_000
SLOW = 0.25
ENDED = TERMINAL | {"SUCCESS", "FAILURE", "CANCEL", "MODAL"}
DONE = {"completed", "SUCCESS"}
TAKEN, FULL = {1, 21, 22}, {9, 23, 30}


@dataclass
class Customer:
    """One customer under one contract; `mark` is the image's address or Comet's state."""

    sandbox: Sandbox
    contract: str
    image: str
    mark: str
    folder: Path
    troubles: list[str] = field(default_factory=list)
    job_id: str = ""
    patience: float = 30.0

    def buy(self, prompt: str) -> bool:
        """Order, follow and fetch; tell whether the clip came, whole."""
        self.job_id = self._order(prompt)
        return bool(self.job_id) and self._follow()

    def look(self) -> dict[str, Any]:
        """Look at the job once; nothing where the look went wrong."""
        path = (
            f"/api/v3/predictions/{self.job_id}"
            if self._is_wavespeed
            else f"/mj/task/{self.job_id}/fetch"
        )
        told = self._json("look", "GET", path)
        return (told.get("data") or {}) if self._is_wavespeed else told

    @property
    def odd(self) -> list[str]:
        """What it stumbled over, without what was only slow: a busy machine is that by itself."""
        return [one for one in self.troubles if not one.endswith("slow")]

    @property
    def _is_wavespeed(self) -> bool:
        return self.contract == "wavespeed"

    def _order(self, prompt: str) -> str:
        place, body = MODEL, {"image": self.image, "prompt": prompt}
        if not self._is_wavespeed:
            place = "/mj/submit/video"
            body |= {"motion": "low", "state": self.mark, "batchSize": 1}
        for _ in range(TRIES):
            before = len(self.troubles)
            told = self._json("order", "POST", place, json=body)
            if self._is_wavespeed and told.get("code") == 200:
                return told["data"]["id"]
            if not self._is_wavespeed and told.get("code", 1) != 1:
                self.troubles.append(f"order code {told['code']}")
            if not self._is_wavespeed and told.get("code") in TAKEN:
                return told["result"]
            if told.get("code") in FULL or "order 429" in self.troubles[before:]:
                continue
            return self._find_order()
        return ""

    def _find_order(self) -> str:
        """Look in the list for an order whose answer was lost."""
        for _ in range(TRIES if self._is_wavespeed else 0):
            told = self._json("list", "POST", "/api/v3/predictions", json={"page_size": 100})
            for item in told.get("data", {}).get("items", []):
                if item["input"]["image"] == self.mark:
                    return item["id"]
        return ""

    def _follow(self) -> bool:
        end, looks = time.monotonic() + self.patience, 0
        while time.monotonic() < end and not self._has_given_up():
            told = self.look()
            addresses = self._addresses(told)
            if addresses and self._fetch(addresses[0]):
                return True
            self._note(told, addresses)
            looks += 1
            if QUICK_LOOKS <= looks < QUICK_LOOKS + LATE_LOOKS:
                self.sandbox.ask("POST", "/sandbox/clock", json={"ahead": 600})
            time.sleep(0.02)
        return False

    def _has_given_up(self) -> bool:
        """Tell whether it heard twice running that there is no clip, or tried often to fetch it."""
        ends = [one for one in self.troubles[-2:] if one.startswith("end")]
        return len(ends) == 2 or sum(one.startswith("clip") for one in self.troubles) >= TRIES

    def _note(self, told: dict[str, Any], addresses: list[str]) -> None:
        word = told.get("status", "")
        if word in DONE and not addresses:
            self.troubles.append("look no clips")
        elif word in ENDED - DONE:
            self.troubles.append(f"end {word} {told.get('code', told.get('failReason'))}")
        elif word.lower() == "brewing":
            self.troubles.append("look word")

    def _addresses(self, told: dict[str, Any]) -> list[str]:
        if told.get("has_nsfw_contents", []) is None or isinstance(told.get("properties"), str):
            self.troubles.append("look odd")
        found = (told.get("outputs") if self._is_wavespeed else told.get("videoUrls")) or []
        return [one if isinstance(one, str) else one["url"] for one in found]

    def _fetch(self, address: str) -> bool:
        film, started = self.folder / "clip.mp4", time.monotonic()
        try:
            with (
                httpx.stream("GET", address, trust_env=False, verify=False) as answer,
                film.open("wb") as file,
            ):
                if answer.status_code != 200:
                    return self._trouble(f"clip {answer.status_code}")
                if answer.headers["content-type"] != "video/mp4":
                    return self._trouble("clip is no video")
                for piece in answer.iter_raw():
                    file.write(piece)
                    if file.tell() > LARGEST_CLIP:
                        return self._trouble("clip too large")
            probe(film)
        except httpx.HTTPError:
            return self._trouble("clip cut")
        except BadClip:
            return self._trouble("clip unreadable")
        if time.monotonic() - started > SLOW:
            self.troubles.append("clip slow")
        return True

    def _trouble(self, words: str) -> bool:
        self.troubles.append(words)
        return False

    def _json(self, what: str, method: str, path: str, **options: Any) -> dict[str, Any]:
        started = time.monotonic()
        try:
            with self.sandbox.wire() as wire:
                answer = wire.request(method, path, **options)
        except httpx.HTTPError:
            return self._nothing(f"{what} cut")
        if answer.status_code != 200:
            self.troubles.append(f"{what} {answer.status_code}")
        try:
            told = answer.json()
        except ValueError:
            return self._nothing(f"{what} no json")
        if time.monotonic() - started > SLOW:
            self.troubles.append(f"{what} slow")
        return (
            told
            if isinstance(told, dict) and (answer.status_code == 200 or "result" in told)
            else {}
        )

    def _nothing(self, words: str) -> dict[str, Any]:
        self.troubles.append(words)
        return {}
