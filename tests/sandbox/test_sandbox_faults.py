"""Every fault does what its description says, seen by a patient customer over HTTP."""

import re
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from apps.sandbox.fault_injection import (
    UnknownFault,
    faults_by_rate,
    faults_in_prompt,
    share_of,
    without_fault_words,
)
from apps.sandbox.faults import FAULTS, Fault, Stage
from tests.support.cases import case
from tests.support.customer import Customer
from tests.support.pictures import png
from tests.support.sandbox import MODEL, until

PAIRS = [(name, contract) for name, fault in FAULTS.items() for contract in sorted(fault.contracts)]
# What the customer stumbles over, by what a fault does.
ANSWERS = {
    "refuse": "400",
    "unauthorised": "401",
    "busy": "429",
    "server_error": "500",
    "cut": "cut",
    "half": "cut",
    "malformed": "no json",
    "html": "no json",
    "empty": "no json",
    "redirect": "307",
    "redirect_private": "307",
    "drip": "slow",
}
VIEWS = {
    "unknown_word": "look word",
    "late_result": "end failed 5000",
    "no_urls": "look no clips",
    "odd_shapes": "look odd",
}
CLIPS = {
    "404": "clip 404",
    "server_error": "clip 500",
    "truncated": "clip cut",
    "cut": "clip cut",
    "short": "clip unreadable",
    "html": "clip is no video",
    "text": "clip unreadable",
    "huge": "clip too large",
    "endless": "clip too large",
    "redirect_private": "clip 302",
    "drip": "clip slow",
    "expires": "clip 403",
}


SPECIAL = {
    ("no_credit", "wavespeed"): "order 402",
    ("no_credit", "comet"): "order 400",
    ("moderated_order", "wavespeed"): "order 400",
    ("moderated_order", "comet"): "order code 24",
    ("look_missing", "wavespeed"): "look 404",
    ("look_missing", "comet"): "look 400",
    ("late_result", "comet"): "end FAILURE Task failed",
    ("modal", "comet"): "end MODAL",
    ("cancelled", "comet"): "end CANCEL",
}


def expected_trouble(fault: Fault, contract: str) -> str:
    """Return what a customer must stumble over; nothing where only lists and calls show it."""
    word = fault.options.get("status", "failed")
    by_act = {
        "code": f"order code {fault.options.get('code')}",
        "fail": f"end {word} {fault.options.get('code')}"
        if contract == "wavespeed"
        else "end FAILURE",
        "view": VIEWS.get(fault.name, ""),
    }
    what = "look" if fault.stage is Stage.POLL else "order"
    by_act |= {act: f"{what} {words}" for act, words in ANSWERS.items()}
    by_act |= CLIPS if fault.stage is Stage.CLIP else {}
    return SPECIAL.get((fault.name, contract), by_act.get(fault.action, ""))


@pytest.fixture
def customer(shared_sandbox, picture_server, tmp_path):
    """Make customers whose orders can be told apart."""

    def new_customer(contract: str) -> Customer:
        name = uuid4().hex
        image = picture_server.hang(f"{name}.png", png(64, 64))
        mark = image if contract == "wavespeed" else name
        return Customer(shared_sandbox, contract, image, mark, tmp_path)

    return new_customer


def truth_of(buyer: Customer) -> list[dict]:
    return [
        job for job in buyer.sandbox.ask("GET", "/sandbox/jobs") if job["reference"] == buyer.mark
    ]


@pytest.mark.proof
@pytest.mark.parametrize(("name", "contract"), PAIRS)
def test_every_fault_has_its_documented_effect(customer, name, contract):
    fault, buyer = FAULTS[name], customer(contract)
    if name == "stuck":
        buyer.patience = 1.0
    options = ":seconds=0.4" if fault.action == "drip" else ""
    got = buyer.buy(f"drift {buyer.mark[-8:]} [fault:{name}{options}]")
    assert got == (contract in fault.clip_arrives), buyer.troubles
    trouble = expected_trouble(fault, contract)
    assert any(one.startswith(trouble) for one in (*buyer.troubles, "")), buyer.troubles
    jobs = truth_of(buyer)
    kept = [job for job in jobs if float(job["charged"]) > float(job["refunded"])]
    assert len(kept) == (1 if fault.is_charged else 0)
    assert len(jobs) == (0 if fault.stage is Stage.ORDER and not fault.is_charged else 1)


def test_without_a_fault_an_order_has_no_trouble(customer):
    for contract in ["wavespeed", "comet"]:
        with case(contract):
            buyer = customer(contract)
            assert buyer.buy("drift")
            assert buyer.odd == []
            [job] = truth_of(buyer)
            assert (job["status"], job["outputs"], job["contract"]) == ("completed", 1, contract)
            assert job["created_at"] < job["ended_at"]


def test_several_faults_come_one_after_the_other(customer):
    buyer = customer("wavespeed")
    assert buyer.buy(
        "drift [fault:429] [fault:answer_lost] [fault:look_cut:times=2] [fault:clip_404_once]"
    )
    assert buyer.odd == ["order 429", "order cut", "list cut", "list cut", "clip 404"]


def test_a_429_has_a_retry_after_header_where_the_fault_has_one(wire, picture):
    body = {"image": picture, "prompt": "wait [fault:429:retry_after=2]"}
    answer = wire.post(MODEL, json=body)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")
    assert wire.post(MODEL, json=body).status_code == 200
    assert wire.post(MODEL, json=body).status_code == 429  # each order is bitten anew
    without = wire.post(MODEL, json=body | {"prompt": "wait [fault:429]"})
    assert "retry-after" not in without.headers


def test_a_redirect_has_the_faults_location(wire, picture):
    body = {
        "image": picture,
        "prompt": "go [fault:redirect:location=/elsewhere] [fault:429:times=0]",
    }
    assert wire.post(MODEL, json=body).headers["location"] == "/elsewhere"


def test_a_redirect_to_a_private_address_does_not_contain_the_key(wire, picture):
    answer = wire.post(MODEL, json={"image": picture, "prompt": "go [fault:redirect_private]"})
    assert answer.headers["location"].startswith("http://169.254.169.254/")


def test_a_faulty_list_leaves_out_jobs_outputs_and_the_total(shared_sandbox, wire, picture):
    names = ("list_no_outputs", "list_misses", "list_no_total", "list_shuffled")
    jobs = [shared_sandbox.submit(picture, f"[fault:{name}]") for name in names]
    for job in jobs:
        assert shared_sandbox.result_at_end(job)["outputs"], "the single look is honest"
    page = wire.post("/api/v3/predictions", json={"page_size": 4}).json()["data"]
    assert [item["id"] for item in page["items"]] == [jobs[0], jobs[2], jobs[3]]  # oldest first
    assert [len(item["outputs"]) for item in page["items"]] == [0, 1, 1]
    assert page.keys() == {"page", "items"}


def test_a_list_fault_of_several_jobs_fires_once(wire, picture, shared_sandbox):
    jobs = [shared_sandbox.submit(picture, "[fault:look_server_error]") for _ in range(3)]
    answers = [wire.post("/api/v3/predictions", json={"page_size": 3}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [500, 200]
    assert shared_sandbox.result(jobs[0])["id"] == jobs[0]


def test_cometapis_list_has_the_same_faults(wire, picture):
    orders = ("[fault:list_misses]", "[fault:list_no_outputs]", "[fault:look_html]")
    ids = [
        wire.post("/mj/submit/video", json={"image": picture, "prompt": words}).json()["result"]
        for words in orders
    ]
    for job in ids:
        until(lambda job=job: look(wire, job), lambda told: told.get("status") == "SUCCESS")
    told = wire.post("/mj/task/list-by-condition", json={"ids": ids}).json()
    assert {task["id"]: len(task["videoUrls"]) for task in told} == {ids[1]: 0, ids[2]: 4}


def look(wire: httpx.Client, job: str) -> dict:
    try:
        return wire.get(f"/mj/task/{job}/fetch").json()
    except ValueError:
        return {}


def test_an_order_with_an_unknown_fault_is_refused_and_not_charged(wire, picture):
    body = {"image": picture, "prompt": "[fault:comet_23]"}
    answer = wire.post(MODEL, json=body)
    assert (answer.status_code, "no fault called comet_23" in answer.json()["message"]) == (
        400,
        True,
    )
    answer = wire.post("/mj/submit/video", json=body | {"prompt": "[fault:nonsense]"})
    assert (answer.status_code, answer.json()["code"]) == (200, 4)


def test_fault_rates_are_stored_and_depend_on_the_seed_only(quick_sandbox, picture_server):
    rates = {"rates": {"unauthorised": 0.5}, "seed": 7}
    assert quick_sandbox.ask("POST", "/sandbox/faults", json=rates) == rates
    quick_sandbox.restart()
    assert quick_sandbox.ask("GET", "/sandbox/faults") == rates
    images = [picture_server.hang(f"{number}.png", png(64, 64)) for number in range(12)]
    with quick_sandbox.wire() as wire:
        answers = [
            wire.post(MODEL, json={"image": image, "prompt": "x"}).status_code
            for image in images * 2
        ]
    assert answers[:12] == answers[12:]
    assert answers[:12] == [
        401 if share_of(7, image, "unauthorised") < 0.5 else 200 for image in images
    ]
    assert set(answers) == {200, 401}


def test_the_same_seed_draws_the_same_faults_in_any_order():
    rates = {"look_cut": 0.3, "late": 0.3, "comet_23": 1.0}
    marks = [uuid4().hex for _ in range(500)]
    there = {mark: faults_by_rate(rates, 7, mark, "wavespeed") for mark in marks}
    back = {mark: faults_by_rate(rates, 7, mark, "wavespeed") for mark in reversed(marks)}
    assert there == back
    assert (
        100 < sum(any(called.name == "late" for called in found) for found in there.values()) < 200
    )
    assert not any(called.name == "comet_23" for found in there.values() for called in found)
    assert there != {mark: faults_by_rate(rates, 8, mark, "wavespeed") for mark in marks}


def test_fault_words_are_removed_from_the_drawn_prompt():
    prompt = "rain [fault:429:retry_after=2:times=3] falls [fault:late]"
    assert without_fault_words(prompt) == "rain  falls"
    first, second = faults_in_prompt(prompt, "comet")
    assert (first.name, first.times, first.number("retry_after")) == ("429", 3, 2.0)
    assert (second.times, second.number("seconds")) == (None, 3600.0)
    with pytest.raises(UnknownFault):
        faults_in_prompt("[fault:what]", "comet")


def test_bad_rates_are_refused(wire):
    cases = [
        {"rates": {"what": 1}},
        {"rates": {"late": 2}},
        {"rates": {"late": True}},
        {"rates": []},
        {"seed": "x"},
    ]
    for body in cases:
        with case(body):
            assert wire.post("/sandbox/faults", json=body).status_code == 400


def test_the_known_faults_are_listed(wire):
    told = {line["name"]: line for line in wire.get("/sandbox/faults/known").json()}
    assert told.keys() == FAULTS.keys()
    assert all(line["meaning"].endswith((".", "/")) and line["contracts"] for line in told.values())
    assert told["answer_lost"]["clip_arrives"] == ["wavespeed"]


def test_invalid_fault_options_are_ignored():
    for options in [
        ":seconds=inf",
        ":seconds=-5",
        ":times=²",
        ":seconds=1e99:times=99999999999999999999",
        ":x=",
    ]:
        with case(options):
            for called in faults_in_prompt(f"[fault:late{options}]", "wavespeed"):
                assert called.number("seconds") == 3600.0
                assert called.times in {None, 999999}


def test_a_lone_surrogate_is_no_id(wire):
    body = b'{"ids": ["\\ud800"]}'
    assert wire.post("/api/v3/predictions/delete", content=body).json()["data"] == {
        "deleted_count": 0
    }
    assert wire.post("/mj/task/list-by-condition", content=body).json() == []
    order = b'{"prompt": "x", "action": "extend", "index": 0, "taskId": "\\ud800"}'
    assert wire.post("/mj/submit/video", content=order).status_code == 404


def test_the_documentation_names_every_fault():
    page = Path(__file__).parents[2].joinpath("docs/sandbox.md").read_text()
    table = page.partition("| stage | faults |")[2].partition("\n\n")[0]
    assert set(re.findall(r"`([a-z0-9_]+)`", table)) == set(FAULTS)
