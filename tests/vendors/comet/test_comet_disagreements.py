"""Where documents about this protocol disagree, and where it bites.

Source: docs/vendor-contracts.md, sections 6 and 7.
"""

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from apps.vendors.comet.schema import OFFERS
from apps.vendors.comet.webhooks import parse_webhook
from apps.vendors.errors import JobNotFound, Moderated, Refused, TryLater, Unsure
from apps.vendors.offer import FailedJobCharge
from apps.vendors.types import Extension, Progress
from tests.support.cases import case
from tests.vendors.comet.scripted import (
    JOB,
    ORDER,
    accepted_answer,
    gateway_error,
    http_answer,
    job_answer,
    refusal_answer,
    relay_error,
    task,
)

NEWER, OLDER = OFFERS
IMAGE = "https://api.cometapi.com/mj/image/1795219200123456"
MP4 = "https://cdn.example.test/video/9e/0_0.mp4"


def body(vendor, order=ORDER, **options):
    vendor.says(accepted_answer()).submit(order, **options)
    return vendor.seen[-1].json


def clips(vendor, **changes):
    found = vendor.says(job_answer(**changes)).report()
    assert found.progress is Progress.DONE
    return [output.url for output in found.outputs]


# --- section 6, by row ----------------------------------------------------------------------------


def test_row_15_the_image_is_in_its_own_field_only(vendor):
    sent = body(vendor)
    assert sent["image"] == ORDER.image_url
    assert ORDER.image_url not in sent["prompt"]
    assert sent["motion"] == "low"


def test_row_15_the_older_form_has_the_image_in_the_prompt_only(vendor):
    sent = body(vendor, schema_version="1")
    assert sent["prompt"].startswith(f"{ORDER.image_url} ")
    assert not {"image", "motion"} & sent.keys()


def test_row_16_the_animation_mode_has_cometapis_names(vendor):
    for ours in ["manual", "automatic"]:
        with case(ours):
            sent = body(vendor, replace(ORDER, parameters={"animateMode": ours}))
            assert sent["animateMode"] == ours


def test_row_16_other_resellers_names_are_refused(vendor):
    with pytest.raises(Refused, match="manual, automatic"):
        vendor.submit(replace(ORDER, parameters={"animateMode": "auto"}))


def test_row_17_the_number_of_clips_is_never_sent(vendor):
    for version in ["1", "2"]:
        with case(version):
            sent = body(vendor, schema_version=version)
            assert not {"bs", "batchSize", "batch_size"} & sent.keys()


def test_row_18_a_job_is_polled_at_the_path_of_the_api_reference(vendor):
    vendor.says(job_answer()).report()
    assert [request.path for request in vendor.seen] == [f"/mj/task/{JOB}/fetch"]


def test_row_19_every_final_status_ends_a_job(vendor):
    cases = [
        ("SUCCESS", Progress.DONE),
        ("FAILURE", Progress.FAILED),
        ("MODAL", Progress.FAILED),
        ("CANCEL", Progress.CANCELLED),
    ]
    for word, progress in cases:
        with case((word, progress)):
            assert vendor.says(job_answer(status=word)).report().progress is progress


def test_row_20_a_full_queue_is_recognised_in_all_its_forms(vendor):
    cases = [
        refusal_answer(23, "队列已满"),
        refusal_answer(9, "提交失败，队列已满，请稍后重试"),
        relay_error("x", 30, 429),
        http_answer(429),
    ]
    for full in cases:
        with case(full), pytest.raises(TryLater):
            vendor.says(full).submit()


def test_row_21_720p_is_offered_although_the_article_has_480p_only(vendor):
    sent = body(vendor, replace(ORDER, parameters={"resolution": "720p"}))
    assert sent["videoType"] == "vid_1.1_i2v_720"


def test_row_22_an_extension_adds_four_seconds():
    assert (NEWER.extension_seconds, OLDER.extension_seconds) == (4, 0)


def test_row_23_the_motion_is_always_sent(vendor):
    assert body(vendor)["motion"] == "low"
    extension = replace(ORDER, extends=Extension(vendor_job_id=JOB, number=0))
    assert body(vendor, extension)["motion"] == "low"


def test_row_24_any_number_of_clips_is_kept(vendor):
    for number in [0, 1, 2, 4, 5]:
        with case(number):
            urls = [f"https://cdn.example.test/0_{clip}.mp4" for clip in range(number)]
            assert clips(vendor, videoUrls=urls, videoUrl="", imageUrl="") == urls


def test_row_25_what_midjourney_ignores_on_video_is_not_offered(vendor):
    for name in ["stylize", "chaos", "weird", "version", "niji", "aspect_ratio", "seed"]:
        with case(name), pytest.raises(Refused, match=name):
            vendor.submit(replace(ORDER, parameters={name: 1}))


# --- section 7, by trap ---------------------------------------------------------------------------


def test_trap_11_three_codes_mean_accepted(vendor):
    for code, word in [(1, "submitted"), (21, "already exists"), (22, "queued")]:
        with case((code, word)):
            assert vendor.says(accepted_answer(code)).submit().vendor_status == word


def test_trap_11_an_id_of_an_earlier_order_has_the_status_already_exists(vendor):
    receipt = vendor.says(
        accepted_answer(21, properties={"status": "SUCCESS", "imageUrl": IMAGE})
    ).submit()
    assert (receipt.vendor_job_id, receipt.vendor_status) == (JOB, "already exists")


def test_trap_11_a_result_may_be_an_array(vendor):
    address = "https://cdn.discordapp.example.test/a.png"
    vendor.says(accepted_answer(result=[address]))
    assert vendor.ask("upload", "a.png", b"png", "image/png") == address


def test_trap_11_an_accepted_order_without_an_id_is_unsure(vendor):
    # The contracts' list of traps calls it a failure; the gateway charges for the code alone (3.3).
    with pytest.raises(Unsure):
        vendor.says(accepted_answer(result=None)).submit()


def test_trap_12_progress_is_a_percentage_or_unknown(vendor):
    cases = [
        ("58%", 58),
        ("", None),
        ("100%", 100),
        ("0%", 0),
        ("7.5%", 7),
        (58, 58),
        (None, None),
        ("101%", None),
        ("-1%", None),
    ]
    for said, percent in cases:
        with case((said, percent)):
            running = vendor.says(job_answer(status="IN_PROGRESS", progress=said)).report()
            assert running.percent == percent


def test_trap_12_times_are_milliseconds_or_unknown(vendor):
    cases = [
        (1795219203000, 1795219291000, 88_000),
        ("1795219203000", "1795219291000", 88_000),
        (0, 1795219291000, None),
        (None, None, None),
        (1795219291000, 1795219203000, None),
        (-5, 5, None),
        (1, 10**15, None),
        (True, 5, None),
    ]
    for start, finish, spent in cases:
        with case((start, finish, spent)):
            report = vendor.says(job_answer(startTime=start, finishTime=finish)).report()
            assert report.inference_ms == spent


def test_trap_12_an_impossible_time_is_unknown(vendor):
    for said in [0, None, -1, "soon", 10**30, 10**17, 1795219200]:
        with case(said):
            assert vendor.says(job_answer(submitTime=said)).report().created_at is None


def test_trap_12_a_new_job_has_an_empty_status(vendor):
    assert vendor.says(job_answer(status="", progress="0%")).report().progress is Progress.WAITING


def test_trap_13_clips_are_counted_from_0_by_us_and_by_the_vendor(vendor):
    for number in (0, 3):
        with case(number):
            extension = replace(ORDER, extends=Extension(vendor_job_id=JOB, number=number))
            assert body(vendor, extension)["index"] == number


def test_trap_14_each_form_of_error_keeps_the_vendors_message(vendor):
    cases = [
        (refusal_answer(4, "参数错误"), "参数错误"),
        (gateway_error(400, "bad (request id: 1)"), "bad (request id: 1)"),
        (relay_error("some_words "), "some_words"),
        (http_answer(400, json_={"error": "plain words"}), "plain words"),
        (http_answer(400, json_={"message": "other words"}), "other words"),
        (http_answer(400, body=b"<h1>Bad</h1>"), "<h1>Bad</h1>"),
        (http_answer(400), ""),
    ]
    for answer, words in cases:
        with case((answer, words)):
            with pytest.raises(Refused) as caught:
                vendor.says(answer).submit()
            assert caught.value.vendor_message == words


def test_trap_14_the_code_decides_whatever_its_text(vendor):
    for words in ["", "哈哈", "anything at all"]:
        with case(words):
            with pytest.raises(TryLater):
                vendor.says(refusal_answer(23, words)).submit()
            with pytest.raises(Moderated):
                vendor.says(refusal_answer(24, words)).submit()
            with pytest.raises(Refused, match="720p"):
                vendor.says(refusal_answer(3, words)).submit()


def test_trap_15_clips_are_found_in_every_field(vendor):
    cases = [
        ({"videoUrls": [{"url": MP4, "thumbnail": "https://t.test/0.webp"}]}, [MP4]),
        ({"videoUrls": [MP4, {"url": MP4 + "?1"}]}, [MP4, MP4 + "?1"]),
        ({"videoUrls": json.dumps([{"url": MP4}])}, [MP4]),
        ({"videoUrls": [MP4, MP4]}, [MP4]),
        (
            {
                "videoUrls": [
                    None,
                    7,
                    {},
                    {"url": ""},
                    "ftp://x.test/a.mp4",
                    "http://[::1",
                    "two words",
                    MP4,
                ]
            },
            [MP4],
        ),
        (
            {"videoUrls": [f"{MP4}?{number}" for number in range(99)]},
            [f"{MP4}?{number}" for number in range(16)],
        ),
        ({"videoUrls": [], "videoUrl": MP4}, [MP4]),
        ({"videoUrls": None, "videoUrl": MP4}, [MP4]),
        ({"videoUrls": "[", "videoUrl": MP4}, [MP4]),
        ({"videoUrls": [], "videoUrl": "", "imageUrl": MP4}, [MP4]),
        ({"videoUrls": [], "videoUrl": "", "imageUrl": IMAGE}, [IMAGE]),
        (
            {"videoUrls": [], "videoUrl": MP4, "imageUrls": [{"url": MP4}, {"url": MP4 + "?1"}]},
            [MP4, MP4 + "?1"],
        ),
        ({"videoUrls": [], "videoUrl": MP4, "imageUrls": ["https://t.test/0.webp"]}, [MP4]),
    ]
    for changes, urls in cases:
        with case((changes, urls)):
            assert clips(vendor, **changes) == urls


def test_trap_15_a_success_with_only_a_picture_has_no_clips(vendor):
    for image in [
        "https://cdn.example.test/grid.png",
        "https://cdn.example.test/0.webp?x=.mp4",
        "",
        None,
    ]:
        with case(image):
            assert clips(vendor, videoUrls=[], videoUrl="", imageUrl=image) == []


def test_trap_16_the_nsfw_flag_is_always_unknown(vendor):
    found = vendor.says(job_answer(properties={"nsfw": False}, nsfw=False)).report()
    assert {output.nsfw for output in found.outputs} == {None}


def test_trap_17_the_speed_is_in_the_path_and_in_the_body(vendor):
    for mode in ["fast", "relax", "turbo"]:
        for version in ["1", "2"]:
            with case((mode, version)):
                sent = body(
                    vendor, replace(ORDER, parameters={"mode": mode}), schema_version=version
                )
                assert vendor.seen[0].path == f"/mj-{mode}/mj/submit/video"
                assert sent["mode"] == mode


def test_trap_17_a_setting_that_may_be_ignored_is_marked():
    for offer in OFFERS:
        unsure = {parameter.name for parameter in offer.parameters if parameter.may_have_no_effect}
        assert unsure == {"animateMode"}


def test_trap_17_a_missing_account_for_720p_is_a_refusal(vendor):
    with pytest.raises(Refused, match="try 480p"):
        vendor.says(refusal_answer(3, "无可用的账号实例")).submit(
            replace(ORDER, parameters={"resolution": "720p"})
        )


def test_trap_18_a_clips_address_is_passed_on_without_a_request(vendor):
    url = "https://cdn.midjourney.com/video/9e/0_0.mp4"
    assert clips(vendor, videoUrls=[url]) == [url]
    assert len(vendor.seen) == 1


def test_trap_19_an_image_inside_the_order_is_refused(vendor):
    with pytest.raises(Refused, match="address"):
        vendor.submit(replace(ORDER, image_url="data:image/png;base64,iVBORw0KGgoA"))
    assert vendor.seen == []


def test_trap_20_four_clips_are_one_charge():
    for offer in OFFERS:
        assert offer.takes_per_order == 4
        assert offer.tariff_for({"mode": "fast", "resolution": "720p"}).usd == Decimal("0.6")


def test_trap_21_a_flag_inside_the_prompt_is_not_sent(vendor):
    prompt_cases = [
        "a dog --bs 1",
        "a dog --motion high",
        "--video 1",
        "a dog\n--end https://x.test/a.png",
        "a dog --LOOP",
        "a dog--turbo",
        "a dog —bs 1",
        "a dog –motion high",
        "a dog --anything",
    ]
    for prompt in prompt_cases:
        for version in ["1", "2"]:
            with case((prompt, version)):
                with pytest.raises(Refused, match="out of the prompt"):
                    vendor.submit(replace(ORDER, prompt=prompt), schema_version=version)
                assert vendor.seen == []


def test_trap_21_dashes_are_no_flags(vendor):
    for prompt in [
        "a well-known dog",
        "dog — bs",
        "night—end of day",
        "9 - 5",
        "a dog -- and a cat",
    ]:
        with case(prompt):
            assert body(vendor, replace(ORDER, prompt=prompt))["prompt"] == prompt


def test_trap_21_an_address_may_look_like_a_flag(vendor):
    address = "https://assets.example.test/signed/x--end.png"
    assert body(vendor, replace(ORDER, image_url=address))["image"] == address


# --- what else the sections on CometAPI ask for ---------------------------------------------------


def test_only_the_fast_model_has_a_documented_price():
    for offer in OFFERS:
        assert offer.tariff_for({}).model == "mj_fast_video"
        assert offer.tariff_for({"mode": "relax"}) is None
        assert offer.tariff_for({"mode": "turbo"}) is None
        assert offer.model_of({"mode": "relax"}) == "mj_relax_video"


def test_the_offers_promise_only_what_the_protocol_has():
    assert [offer.schema_version for offer in OFFERS] == ["2", "1"]
    for offer in OFFERS:
        assert (offer.vendor, offer.vendor_name) == ("comet", "CometAPI")
        assert not any(
            (
                offer.can_find_orders,
                offer.has_balance,
                offer.has_live_price,
                offer.has_signed_webhooks,
            )
        )
        assert (offer.min_poll_seconds, offer.retention_days) == (10.0, 0)
        assert offer.failed_job_charge is FailedJobCharge.NEVER_CHARGED
        assert offer.prompt_required


def test_a_webhook_about_a_failure_is_only_a_hint():
    hint = parse_webhook({}, json.dumps(task(status="FAILURE")).encode())
    assert hint.vendor_job_id == JOB  # a reason to ask: it has nothing to act on but the id


def test_a_job_unknown_right_after_its_order_can_be_polled_later(vendor):
    with pytest.raises(JobNotFound):
        vendor.says(relay_error("task_not_exist ")).report()
    assert vendor.says(job_answer(status="NOT_START")).report().progress is Progress.WAITING
