"""Where WaveSpeedAI's documents disagree, and the traps in them: each row of the contracts is a rule here.

Sections 6 (by row) and 7 (by number, and those of the first model page) of the vendor
contracts.
"""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from apps.vendors.errors import Refused, TryLater, Unsure
from apps.vendors.parameters import check_parameters
from apps.vendors.types import JobQuery, MissingOrder, Order, Output, Progress, Report
from apps.vendors.wavespeed.parsing import PROGRESS
from apps.vendors.wavespeed.schema import CURRENT, FIRST, OFFERS, SECOND, body_of
from tests.vendors.wavespeed.stage import (
    JOB,
    MODEL,
    ORDER,
    Ledger,
    answering,
    enveloped,
    prediction,
    wrapped,
)

IMAGE = "https://assets.example.test/in/harbour.png"
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TAKEN = (200, enveloped(status="created", outputs=[]))


def order(**changes) -> Order:
    return Order(**{"image_url": IMAGE, "prompt": "dolly in", "parameters": {}} | changes)


def report(**changes) -> Report:
    return answering(content=json.dumps(enveloped(**changes))).report(JOB)


# --- section 6 ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "keys"),
    [
        ("1", {"image", "prompt", "resolution", *(p.name for p in FIRST.parameters)}),
        ("2", {"image", "prompt", "resolution", *(p.name for p in SECOND.parameters)}),
        ("3", {"image", "prompt", "resolution", "motion"}),
    ],
)
def test_row_1_an_account_sends_the_keys_of_its_own_schema_and_no_others(stage, version, keys):
    stage.play = lambda heard: TAKEN
    stage.client(schema_version=version).submit(order())
    assert stage.heard[0].json.keys() == keys


def test_row_2_only_the_current_page_does_without_a_prompt(stage):
    stage.play = lambda heard: TAKEN
    assert [offer.prompt_required for offer in OFFERS] == [True, True, False]
    for version in ("1", "2"):
        with pytest.raises(Refused, match="prompt"):
            stage.client(schema_version=version).submit(order(prompt=""))
    stage.client(schema_version="3").submit(order(prompt=""))
    [heard] = stage.heard
    assert "prompt" not in heard.json


def test_row_3_9_16_is_refused_where_the_table_is_and_taken_where_prose_claims_it():
    with pytest.raises(Refused, match="aspect_ratio"):
        body_of(FIRST, order(parameters={"aspect_ratio": "9:16"}))
    assert body_of(SECOND, order(parameters={"aspect_ratio": "9:16"}))["aspect_ratio"] == "9:16"
    with pytest.raises(Refused, match="no parameter"):
        body_of(CURRENT, order(parameters={"aspect_ratio": "9:16"}))


def test_row_4_a_price_nobody_documents_whole_is_asked_of_the_vendor(stage):
    stage.play = lambda heard: (
        200,
        wrapped({"price": 0.3, "discounted_price": 0.3, "currency": "USD"}),
    )
    assert CURRENT.tariffs == ()
    assert stage.client(schema_version="3").price({"resolution": "480p"}) == Decimal("0.3")


def test_row_4_the_legacy_address_knows_the_price_where_the_documented_one_is_unknown(stage):
    stage.routes(pricing=(200, wrapped({"unit_price": 0.15, "currency": "USD"})))
    assert stage.client().price({}) == Decimal("0.15")
    assert stage.paths() == ["POST /api/v3/model/price", "POST /api/v3/model/pricing"]
    assert stage.heard[0].body == stage.heard[1].body


def test_row_4_a_vendor_that_knows_neither_address_names_no_price(stage):
    assert stage.client().price({}) is None


@pytest.mark.parametrize("suffix", ["/result", ""])
def test_row_5_a_job_is_found_at_either_path(stage, suffix):
    path = f"/api/v3/predictions/{JOB}{suffix}"
    stage.play = lambda heard: (
        (200, enveloped()) if heard.path == path else (404, {"message": "no route"})
    )
    assert stage.client().report(JOB).progress is Progress.DONE


def test_row_6_a_hook_is_registered_in_the_query_and_never_in_the_body(stage):
    stage.play = lambda heard: TAKEN
    hook = "https://us.example.test/hooks/7?account=3&sign=a+b/c#é"
    stage.client().submit(order(webhook_url=hook))
    stage.client().submit(order())
    with_hook, without = stage.heard
    assert (with_hook.path, with_hook.query) == (f"/api/v3/{MODEL}", {"webhook": [hook]})
    assert without.query == {}
    assert with_hook.body == without.body


def test_row_9_the_balance_is_asked_for_at_the_first_path_and_then_at_the_other(stage):
    stage.play = lambda heard: (
        (200, wrapped({"balance": 5.5, "currency": "USD"}))
        if heard.path == "/api/v3/account/balance"
        else (404, {"message": "no route"})
    )
    assert stage.client().balance() == Decimal("5.5")
    assert stage.paths() == ["GET /api/v3/balance", "GET /api/v3/account/balance"]


def test_row_9_a_vendor_that_knows_neither_path_does_not_say(stage):
    assert stage.client().balance() is None


def test_row_10_the_list_is_a_post_with_a_body(stage):
    stage.play = Ledger()
    stage.client().reports([JobQuery(vendor_job_id=name, taken_at=NOON) for name in "ab"])
    assert stage.paths() == ["POST /api/v3/predictions"]


def test_row_11_an_upload_goes_by_ticket(stage):
    stage.play = lambda heard: (404, {"message": "no route"})
    with pytest.raises(Refused):
        stage.client().upload("a.png", b"x", "image/png")
    assert stage.paths() == ["POST /api/v3/media/uploads"]


@pytest.mark.parametrize(
    ("word", "progress"),
    [
        ("created", Progress.WAITING),
        ("pending", Progress.WAITING),
        ("processing", Progress.RUNNING),
        ("completed", Progress.DONE),
        ("failed", Progress.FAILED),
        ("timeout", Progress.FAILED),
        ("deleted", Progress.FAILED),
        ("cancelled", Progress.CANCELLED),
        ("on_hold", Progress.UNKNOWN),
    ],
)
def test_row_12_every_status_of_every_document_is_known_and_no_other_is_a_failure(word, progress):
    assert report(status=word).progress is progress
    assert (word in PROGRESS) is (progress is not Progress.UNKNOWN)


@pytest.mark.parametrize(
    ("status", "message"), [(402, ""), (400, "Insufficient credits"), (403, "insufficient balance")]
)
def test_row_13_an_empty_account_is_known_by_its_code_or_by_its_words(status, message):
    with pytest.raises(Refused, match="run out of credit"):
        answering(status, json={"code": status, "message": message}).submit(ORDER)


def test_row_14_the_sync_mode_is_never_asked_for_and_its_limit_is_no_failure(stage):
    stage.play = lambda heard: (
        200,
        enveloped(
            status="processing",
            code=5004,
            outputs=[],
            error="Sync mode timed out after 90 seconds.",
        ),
    )
    stage.client().submit(order())
    assert "enable_sync_mode" not in stage.heard[0].json
    assert stage.client().report(JOB).progress is Progress.RUNNING


def test_row_23_motion_is_sent_even_where_nobody_chose_it():
    assert body_of(CURRENT, order())["motion"] == "low"


def test_row_25_settings_of_still_images_are_offered_with_a_warning():
    for offer in (FIRST, SECOND):
        marked = {parameter.name for parameter in offer.parameters if parameter.may_have_no_effect}
        assert marked == {"quality", "stylize", "chaos", "weird", "version", "niji"}
    assert not any(parameter.may_have_no_effect for parameter in CURRENT.parameters)


# --- section 7, first page --------------------------------------------------------------------------------------


def test_seed_a_the_two_fields_its_sample_leaves_out_are_required():
    for missing in ({"image_url": ""}, {"prompt": ""}):
        with pytest.raises(Refused):
            body_of(FIRST, order(**missing))


def test_seed_a_base64_is_not_described_as_the_seed():
    [base64] = [
        parameter for parameter in FIRST.parameters if parameter.name == "enable_base64_output"
    ]
    assert base64.kind is bool
    assert "seed" not in base64.help.lower()


@pytest.mark.parametrize("ratio", ["9:16", "3:2", "2:1"])
def test_seed_a_shapes_that_its_table_lacks_are_refused(ratio):
    with pytest.raises(Refused, match="aspect_ratio"):
        check_parameters(FIRST, {"aspect_ratio": ratio})


def test_seed_a_what_has_no_default_is_sent_as_its_sample_sends_it():
    body = body_of(FIRST, order())
    assert (body["stylize"], body["chaos"], body["weird"]) == (0, 0, 0)


def test_seed_a_version_and_niji_are_texts_and_quality_is_a_number():
    body = body_of(FIRST, order(parameters={"version": "6.1", "niji": "5", "quality": 0.25}))
    assert (body["version"], body["niji"], body["quality"]) == ("6.1", "5", 0.25)
    for wrong in ({"version": 7}, {"niji": 5}, {"quality": "1"}):
        with pytest.raises(Refused):
            check_parameters(FIRST, wrong)


# --- section 7, by number -----------------------------------------------------------------------------------


def test_trap_1_a_failed_job_is_http_200_and_its_code_is_not_the_envelopes():
    failed = report(status="failed", code=1200, error="Content flagged as potentially sensitive")
    assert (failed.progress, failed.code) == (Progress.MODERATED, 1200)
    assert answering(json=prediction(status="failed", code=1403)).report(JOB).code == 1403


def test_trap_2_nine_digits_after_the_second_are_read():
    moment = datetime(2026, 11, 21, 9, 12, 48, 239112, tzinfo=UTC)
    assert report(created_at="2026-11-21T09:12:48.239112031Z").created_at == moment


@pytest.mark.parametrize("flags", [None, [], [True]])
def test_trap_3_no_clip_is_lost_where_flags_are_missing(flags):
    outputs = report(
        outputs=["https://a.test/0.mp4", "https://a.test/1.mp4"], has_nsfw_contents=flags
    ).outputs
    assert len(outputs) == 2
    assert outputs[1] == Output(url="https://a.test/1.mp4", nsfw=None)


def test_trap_4_one_reader_takes_a_job_bare_or_wrapped():
    assert answering(json=prediction()).report(JOB) == answering(json=enveloped()).report(JOB)


def test_trap_6_an_order_without_an_answer_is_unsure_and_can_be_looked_for(stage):
    ledger = Ledger()

    def play(heard):
        if heard.path == f"/api/v3/{MODEL}":
            ledger.keep("mine", NOON, input=heard.json)
            return 502, b"<html>bad gateway</html>"
        return ledger(heard)

    stage.play = play
    with pytest.raises(Unsure):
        stage.client().submit(order())
    sought = MissingOrder(reference="m1", image_url=IMAGE, sent_at=NOON - timedelta(seconds=2))
    assert stage.client().find_orders([sought])["m1"].vendor_job_id == "mine"
    assert [heard.path for heard in stage.heard].count(f"/api/v3/{MODEL}") == 1


def test_trap_7_what_the_vendor_forgets_after_a_week_is_said():
    assert {offer.retention_days for offer in OFFERS} == {7}
    with pytest.raises(Refused, match="forgets jobs after 7 days"):
        answering(404).report(JOB)


# --- section 1.9 --------------------------------------------------------------------------------------------


def test_a_clip_inside_the_answer_and_a_hook_are_never_asked_for_together(stage):
    stage.play = lambda heard: TAKEN
    hook = "https://us.example.test/hooks/7"
    stage.client().submit(order(webhook_url=hook, parameters={"enable_base64_output": True}))
    assert stage.heard[0].query == {}
    assert stage.heard[0].json["enable_base64_output"] is True


def test_an_order_that_a_busy_vendor_turns_down_is_not_sent_again(stage):
    stage.play = lambda heard: (429, {"code": 429, "message": "2 videos a minute"})
    with pytest.raises(TryLater):
        stage.client().submit(order())
    assert len(stage.heard) == 1
