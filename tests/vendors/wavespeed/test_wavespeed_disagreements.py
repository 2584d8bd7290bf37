"""Where WaveSpeedAI's documents disagree, and the traps in them.

Source: docs/vendor-contracts.md, section 6 (by row) and 7 (by number, and those of the first model
page).
"""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from apps.vendors.errors import Refused, TryLater, Unsure
from apps.vendors.parameters import check_parameters
from apps.vendors.types import JobQuery, MissingOrder, Order, Output, Progress, Report
from apps.vendors.wavespeed.parsing import PROGRESS_BY_STATUS
from apps.vendors.wavespeed.schema import CURRENT, FIRST, OFFERS, SECOND, body_of
from tests.support.cases import case
from tests.vendors.wavespeed.server import (
    JOB,
    MODEL,
    ORDER,
    JobList,
    client_answered,
    envelope,
    enveloped_job,
    prediction,
)

IMAGE = "https://assets.example.test/in/harbour.png"
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TAKEN = (200, enveloped_job(status="created", outputs=[]))


def order(**changes) -> Order:
    return Order(**{"image_url": IMAGE, "prompt": "dolly in", "parameters": {}} | changes)


def report(**changes) -> Report:
    return client_answered(content=json.dumps(enveloped_job(**changes))).report(JOB)


# --- section 6 ------------------------------------------------------------------------------------


def test_row_1_an_account_sends_the_keys_of_its_own_schema_and_no_others(server):
    cases = [
        ("1", {"image", "prompt", "resolution", *(p.name for p in FIRST.parameters)}),
        ("2", {"image", "prompt", "resolution", *(p.name for p in SECOND.parameters)}),
        ("3", {"image", "prompt", "resolution", "motion"}),
    ]
    for version, keys in cases:
        with case((version, keys)):
            server.reset()
            server.respond = lambda request: TAKEN
            server.client(schema_version=version).submit(order())
            assert server.requests[0].json.keys() == keys


def test_row_2_only_the_current_form_needs_no_prompt(server):
    server.respond = lambda request: TAKEN
    assert [offer.prompt_required for offer in OFFERS] == [True, True, False]
    for version in ("1", "2"):
        with pytest.raises(Refused, match="prompt"):
            server.client(schema_version=version).submit(order(prompt=""))
    server.client(schema_version="3").submit(order(prompt=""))
    [request] = server.requests
    assert "prompt" not in request.json


def test_row_3_9_16_is_accepted_in_the_middle_form_only():
    with pytest.raises(Refused, match="aspect_ratio"):
        body_of(FIRST, order(parameters={"aspect_ratio": "9:16"}))
    assert body_of(SECOND, order(parameters={"aspect_ratio": "9:16"}))["aspect_ratio"] == "9:16"
    with pytest.raises(Refused, match="no parameter"):
        body_of(CURRENT, order(parameters={"aspect_ratio": "9:16"}))


def test_row_4_an_undocumented_price_is_queried(server):
    server.respond = lambda request: (
        200,
        envelope({"price": 0.3, "discounted_price": 0.3, "currency": "USD"}),
    )
    assert CURRENT.tariffs == ()
    assert server.client(schema_version="3").price({"resolution": "480p"}) == Decimal("0.3")


def test_row_4_the_price_is_queried_at_the_legacy_address_after_a_404(server):
    server.routes(pricing=(200, envelope({"unit_price": 0.15, "currency": "USD"})))
    assert server.client().price({}) == Decimal("0.15")
    assert server.paths() == ["POST /api/v3/model/price", "POST /api/v3/model/pricing"]
    assert server.requests[0].body == server.requests[1].body


def test_row_4_the_price_is_unknown_where_both_addresses_are_unknown(server):
    assert server.client().price({}) is None


def test_row_5_a_job_is_found_at_either_path(server):
    for suffix in ["/result", ""]:
        with case(suffix):
            server.reset()
            path = f"/api/v3/predictions/{JOB}{suffix}"
            server.respond = lambda request, path=path: (
                (200, enveloped_job()) if request.path == path else (404, {"message": "no route"})
            )
            assert server.client().report(JOB).progress is Progress.DONE


def test_row_6_a_webhook_is_in_the_query_and_never_in_the_body(server):
    server.respond = lambda request: TAKEN
    hook = "https://us.example.test/hooks/7?account=3&sign=a+b/c#é"
    server.client().submit(order(webhook_url=hook))
    server.client().submit(order())
    with_hook, without = server.requests
    assert (with_hook.path, with_hook.query) == (f"/api/v3/{MODEL}", {"webhook": [hook]})
    assert without.query == {}
    assert with_hook.body == without.body


def test_row_9_the_balance_is_queried_at_the_second_path_after_a_404(server):
    server.respond = lambda request: (
        (200, envelope({"balance": 5.5, "currency": "USD"}))
        if request.path == "/api/v3/account/balance"
        else (404, {"message": "no route"})
    )
    assert server.client().balance() == Decimal("5.5")
    assert server.paths() == ["GET /api/v3/balance", "GET /api/v3/account/balance"]


def test_row_9_the_balance_is_unknown_where_both_paths_are_unknown(server):
    assert server.client().balance() is None


def test_row_10_the_list_is_a_post_with_a_body(server):
    server.respond = JobList()
    server.client().reports([JobQuery(vendor_job_id=name, accepted_at=NOON) for name in "ab"])
    assert server.paths() == ["POST /api/v3/predictions"]


def test_row_11_an_upload_goes_by_ticket(server):
    server.respond = lambda request: (404, {"message": "no route"})
    with pytest.raises(Refused):
        server.client().upload("a.png", b"x", "image/png")
    assert server.paths() == ["POST /api/v3/media/uploads"]


def test_row_12_every_documented_status_is_known_and_others_are_no_failure():
    cases = [
        ("created", Progress.WAITING),
        ("pending", Progress.WAITING),
        ("processing", Progress.RUNNING),
        ("completed", Progress.DONE),
        ("failed", Progress.FAILED),
        ("timeout", Progress.FAILED),
        ("deleted", Progress.FAILED),
        ("cancelled", Progress.CANCELLED),
        ("on_hold", Progress.UNKNOWN),
    ]
    for word, progress in cases:
        with case((word, progress)):
            assert report(status=word).progress is progress
            assert (word in PROGRESS_BY_STATUS) is (progress is not Progress.UNKNOWN)


def test_row_13_missing_credit_is_recognised_by_code_or_text():
    for status, message in [
        (402, ""),
        (400, "Insufficient credits"),
        (403, "insufficient balance"),
    ]:
        with case((status, message)), pytest.raises(Refused, match="run out of credit"):
            client_answered(status, json={"code": status, "message": message}).submit(ORDER)


def test_row_14_sync_mode_is_never_requested_and_its_limit_is_no_failure(server):
    server.respond = lambda request: (
        200,
        enveloped_job(
            status="processing",
            code=5004,
            outputs=[],
            error="Sync mode timed out after 90 seconds.",
        ),
    )
    server.client().submit(order())
    assert "enable_sync_mode" not in server.requests[0].json
    assert server.client().report(JOB).progress is Progress.RUNNING


def test_row_23_motion_is_always_sent():
    assert body_of(CURRENT, order())["motion"] == "low"


def test_row_25_settings_of_still_images_are_marked():
    for offer in (FIRST, SECOND):
        marked = {parameter.name for parameter in offer.parameters if parameter.may_have_no_effect}
        assert marked == {"quality", "stylize", "chaos", "weird", "version", "niji"}
    assert not any(parameter.may_have_no_effect for parameter in CURRENT.parameters)


# --- section 7, first page ------------------------------------------------------------------------


def test_form_1_the_two_fields_missing_from_its_sample_are_required():
    for missing in ({"image_url": ""}, {"prompt": ""}):
        with pytest.raises(Refused):
            body_of(FIRST, order(**missing))


def test_form_1_base64_does_not_have_the_seeds_description():
    [base64] = [
        parameter for parameter in FIRST.parameters if parameter.name == "enable_base64_output"
    ]
    assert base64.kind is bool
    assert "seed" not in base64.help.lower()


def test_form_1_shapes_missing_from_its_table_are_refused():
    for ratio in ["9:16", "3:2", "2:1"]:
        with case(ratio), pytest.raises(Refused, match="aspect_ratio"):
            check_parameters(FIRST, {"aspect_ratio": ratio})


def test_form_1_settings_without_a_default_are_sent_as_in_its_sample():
    body = body_of(FIRST, order())
    assert (body["stylize"], body["chaos"], body["weird"]) == (0, 0, 0)


def test_form_1_version_and_niji_are_texts_and_quality_is_a_number():
    body = body_of(FIRST, order(parameters={"version": "6.1", "niji": "5", "quality": 0.25}))
    assert (body["version"], body["niji"], body["quality"]) == ("6.1", "5", 0.25)
    for wrong in ({"version": 7}, {"niji": 5}, {"quality": "1"}):
        with pytest.raises(Refused):
            check_parameters(FIRST, wrong)


# --- section 7, by number -------------------------------------------------------------------------


def test_trap_1_the_code_of_a_failed_job_is_not_the_envelopes():
    failed = report(status="failed", code=1200, error="Content flagged as potentially sensitive")
    assert (failed.progress, failed.code) == (Progress.MODERATED, 1200)
    assert client_answered(json=prediction(status="failed", code=1403)).report(JOB).code == 1403


def test_trap_2_times_with_nanoseconds_are_parsed():
    moment = datetime(2026, 11, 21, 9, 12, 48, 239112, tzinfo=UTC)
    assert report(created_at="2026-11-21T09:12:48.239112031Z").created_at == moment


def test_trap_3_clips_without_flags_are_kept():
    for flags in [None, [], [True]]:
        with case(flags):
            outputs = report(
                outputs=["https://a.test/0.mp4", "https://a.test/1.mp4"], has_nsfw_contents=flags
            ).outputs
            assert len(outputs) == 2
            assert outputs[1] == Output(url="https://a.test/1.mp4", nsfw=None)


def test_trap_4_a_job_may_be_bare_or_in_an_envelope():
    assert client_answered(json=prediction()).report(JOB) == client_answered(
        json=enveloped_job()
    ).report(JOB)


def test_trap_6_an_order_without_an_answer_is_unsure_and_can_be_found(server):
    job_list = JobList()

    def play(request):
        if request.path == f"/api/v3/{MODEL}":
            job_list.add("mine", NOON, input=request.json)
            return 502, b"<html>bad gateway</html>"
        return job_list(request)

    server.respond = play
    with pytest.raises(Unsure):
        server.client().submit(order())
    sought = MissingOrder(reference="m1", image_url=IMAGE, sent_at=NOON - timedelta(seconds=2))
    assert server.client().find_orders([sought])["m1"].vendor_job_id == "mine"
    assert [request.path for request in server.requests].count(f"/api/v3/{MODEL}") == 1


def test_trap_7_a_job_not_found_may_be_older_than_a_week():
    assert {offer.retention_days for offer in OFFERS} == {7}
    with pytest.raises(Refused, match="forgets jobs after 7 days"):
        client_answered(404).report(JOB)


# --- section 1.9 ----------------------------------------------------------------------------------


def test_a_webhook_is_not_requested_with_a_clip_inside_the_answer(server):
    server.respond = lambda request: TAKEN
    hook = "https://us.example.test/hooks/7"
    server.client().submit(order(webhook_url=hook, parameters={"enable_base64_output": True}))
    assert server.requests[0].query == {}
    assert server.requests[0].json["enable_base64_output"] is True


def test_an_order_refused_by_a_busy_vendor_is_not_repeated(server):
    server.respond = lambda request: (429, {"code": 429, "message": "2 videos a minute"})
    with pytest.raises(TryLater):
        server.client().submit(order())
    assert len(server.requests) == 1
