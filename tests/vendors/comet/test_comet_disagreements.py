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
from tests.vendors.comet.scripted import (
    JOB,
    ORDER,
    gateway_error,
    line,
    refused,
    relay_error,
    taken,
    task,
    told,
)

NEWER, OLDER = OFFERS
IMAGE = "https://api.cometapi.com/mj/image/1795219200123456"
MP4 = "https://cdn.example.test/video/9e/0_0.mp4"


def body(vendor, order=ORDER, **options):
    vendor.says(taken()).submit(order, **options)
    return vendor.seen[-1].json


def clips(vendor, **changes):
    found = vendor.says(told(**changes)).report()
    assert found.progress is Progress.DONE
    return [output.url for output in found.outputs]


# --- section 6, by row --------------------------------------------------------------------------------------


def test_row_15_the_image_stands_in_its_own_field_and_only_there(vendor):
    sent = body(vendor)
    assert sent["image"] == ORDER.image_url
    assert ORDER.image_url not in sent["prompt"]
    assert sent["motion"] == "low"


def test_row_15_the_older_form_puts_it_into_the_prompt_and_only_there(vendor):
    sent = body(vendor, schema_version="1")
    assert sent["prompt"].startswith(f"{ORDER.image_url} ")
    assert not {"image", "motion"} & sent.keys()


@pytest.mark.parametrize("ours", ["manual", "automatic"])
def test_row_16_the_animation_is_named_as_cometapi_names_it(vendor, ours):
    assert body(vendor, replace(ORDER, parameters={"animateMode": ours}))["animateMode"] == ours


def test_row_16_other_resellers_words_are_not_taken(vendor):
    with pytest.raises(Refused, match="manual, automatic"):
        vendor.submit(replace(ORDER, parameters={"animateMode": "auto"}))


@pytest.mark.parametrize("version", ["1", "2"])
def test_row_17_the_number_of_clips_is_never_sent(vendor, version):
    assert not {"bs", "batchSize", "batch_size"} & body(vendor, schema_version=version).keys()


def test_row_18_a_job_is_asked_for_at_the_path_the_reference_and_all_code_have(vendor):
    vendor.says(told()).report()
    assert [request.path for request in vendor.seen] == [f"/mj/task/{JOB}/fetch"]


@pytest.mark.parametrize(
    ("word", "progress"),
    [
        ("SUCCESS", Progress.DONE),
        ("FAILURE", Progress.FAILED),
        ("MODAL", Progress.FAILED),
        ("CANCEL", Progress.CANCELLED),
    ],
)
def test_row_19_every_word_that_ends_a_job_ends_it(vendor, word, progress):
    assert vendor.says(told(status=word)).report().progress is progress


@pytest.mark.parametrize(
    "full",
    [
        refused(23, "队列已满"),
        refused(9, "提交失败，队列已满，请稍后重试"),
        relay_error("x", 30, 429),
        line(429),
    ],
)
def test_row_20_a_full_queue_is_a_full_queue_however_it_is_said(vendor, full):
    with pytest.raises(TryLater):
        vendor.says(full).submit()


def test_row_21_720p_is_offered_although_the_article_caps_at_480p(vendor):
    assert (
        body(vendor, replace(ORDER, parameters={"resolution": "720p"}))["videoType"]
        == "vid_1.1_i2v_720"
    )


def test_row_22_an_extension_adds_four_seconds():
    assert (NEWER.extension_seconds, OLDER.extension_seconds) == (4, 0)


def test_row_23_the_motion_is_always_said(vendor):
    assert body(vendor)["motion"] == "low"
    assert (
        body(vendor, replace(ORDER, extends=Extension(vendor_job_id=JOB, number=0)))["motion"]
        == "low"
    )


@pytest.mark.parametrize("number", [0, 1, 2, 4, 5])
def test_row_24_as_many_clips_as_come_back_are_kept(vendor, number):
    urls = [f"https://cdn.example.test/0_{clip}.mp4" for clip in range(number)]
    assert clips(vendor, videoUrls=urls, videoUrl="", imageUrl="") == urls


@pytest.mark.parametrize(
    "name", ["stylize", "chaos", "weird", "version", "niji", "aspect_ratio", "seed"]
)
def test_row_25_what_midjourney_ignores_on_video_is_not_offered(vendor, name):
    with pytest.raises(Refused, match=name):
        vendor.submit(replace(ORDER, parameters={name: 1}))


# --- section 7, by trap -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "word"), [(1, "submitted"), (21, "already exists"), (22, "queued")]
)
def test_trap_11_three_codes_are_a_yes(vendor, code, word):
    assert vendor.says(taken(code)).submit().vendor_word == word


def test_trap_11_an_id_that_may_be_another_jobs_is_told_as_such(vendor):
    receipt = vendor.says(taken(21, properties={"status": "SUCCESS", "imageUrl": IMAGE})).submit()
    assert (receipt.vendor_job_id, receipt.vendor_word) == (JOB, "already exists")


def test_trap_11_a_result_may_be_an_array(vendor):
    address = "https://cdn.discordapp.example.test/a.png"
    vendor.says(taken(result=[address]))
    assert vendor.ask("upload", "a.png", b"png", "image/png") == address


def test_trap_11_a_yes_without_an_id_may_be_charged_and_so_is_no_failure(vendor):
    # The contracts' list of traps calls it a failure; the gateway charges for the code alone (3.3).
    with pytest.raises(Unsure):
        vendor.says(taken(result=None)).submit()


@pytest.mark.parametrize(
    ("said", "percent"),
    [
        ("58%", 58),
        ("", None),
        ("100%", 100),
        ("0%", 0),
        ("7.5%", 7),
        (58, 58),
        (None, None),
        ("101%", None),
        ("-1%", None),
    ],
)
def test_trap_12_progress_is_a_text_with_a_percent_sign_or_nothing(vendor, said, percent):
    assert vendor.says(told(status="IN_PROGRESS", progress=said)).report().percent == percent


@pytest.mark.parametrize(
    ("start", "finish", "spent"),
    [
        (1795219203000, 1795219291000, 88_000),
        ("1795219203000", "1795219291000", 88_000),
        (0, 1795219291000, None),
        (None, None, None),
        (1795219291000, 1795219203000, None),
        (-5, 5, None),
        (1, 10**15, None),
        (True, 5, None),
    ],
)
def test_trap_12_times_are_milliseconds_or_nothing(vendor, start, finish, spent):
    assert vendor.says(told(startTime=start, finishTime=finish)).report().inference_ms == spent


@pytest.mark.parametrize("said", [0, None, -1, "soon", 10**30, 10**17, 1795219200])
def test_trap_12_a_moment_that_cannot_be_is_unknown(vendor, said):
    assert vendor.says(told(submitTime=said)).report().created_at is None


def test_trap_12_a_fresh_job_has_no_status_at_all(vendor):
    assert vendor.says(told(status="", progress="0%")).report().progress is Progress.WAITING


def test_trap_13_clips_are_counted_from_nought_on_both_sides_of_the_door(vendor):
    assert (
        body(vendor, replace(ORDER, extends=Extension(vendor_job_id=JOB, number=0)))["index"] == 0
    )
    assert (
        body(vendor, replace(ORDER, extends=Extension(vendor_job_id=JOB, number=3)))["index"] == 3
    )


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (refused(4, "参数错误"), "参数错误"),
        (gateway_error(400, "bad (request id: 1)"), "bad (request id: 1)"),
        (relay_error("some_words "), "some_words"),
        (line(400, json_={"error": "plain words"}), "plain words"),
        (line(400, json_={"message": "other words"}), "other words"),
        (line(400, body=b"<h1>Bad</h1>"), "<h1>Bad</h1>"),
        (line(400), ""),
    ],
)
def test_trap_14_each_shape_of_error_keeps_the_vendors_words(vendor, answer, words):
    with pytest.raises(Refused) as caught:
        vendor.says(answer).submit()
    assert caught.value.vendor_words == words


@pytest.mark.parametrize("words", ["", "哈哈", "anything at all"])
def test_trap_14_the_code_decides_and_not_the_language_of_its_text(vendor, words):
    with pytest.raises(TryLater):
        vendor.says(refused(23, words)).submit()
    with pytest.raises(Moderated):
        vendor.says(refused(24, words)).submit()
    with pytest.raises(Refused, match="720p"):
        vendor.says(refused(3, words)).submit()


@pytest.mark.parametrize(
    ("changes", "urls"),
    [
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
    ],
)
def test_trap_15_clips_are_found_wherever_they_stand(vendor, changes, urls):
    assert clips(vendor, **changes) == urls


@pytest.mark.parametrize(
    "image",
    ["https://cdn.example.test/grid.png", "https://cdn.example.test/0.webp?x=.mp4", "", None],
)
def test_trap_15_a_success_with_no_more_than_a_picture_is_done_without_clips(vendor, image):
    assert clips(vendor, videoUrls=[], videoUrl="", imageUrl=image) == []


def test_trap_16_nobody_said_whether_a_clip_may_be_shown(vendor):
    found = vendor.says(told(properties={"nsfw": False}, nsfw=False)).report()
    assert {output.nsfw for output in found.outputs} == {None}


@pytest.mark.parametrize("mode", ["fast", "relax", "turbo"])
@pytest.mark.parametrize("version", ["1", "2"])
def test_trap_17_the_path_sets_the_speed_as_the_body_may_be_ignored(vendor, mode, version):
    sent = body(vendor, replace(ORDER, parameters={"mode": mode}), schema_version=version)
    assert vendor.seen[0].path == f"/mj-{mode}/mj/submit/video"
    assert sent["mode"] == mode


def test_trap_17_a_setting_that_may_be_ignored_says_so():
    for offer in OFFERS:
        unsure = {parameter.name for parameter in offer.parameters if parameter.may_have_no_effect}
        assert unsure == {"animateMode"}


def test_trap_17_a_pool_without_hd_refuses_720p_and_charges_nothing(vendor):
    with pytest.raises(Refused, match="try 480p"):
        vendor.says(refused(3, "无可用的账号实例")).submit(
            replace(ORDER, parameters={"resolution": "720p"})
        )


def test_trap_18_an_address_is_handed_on_as_it_is_and_not_fetched_here(vendor):
    url = "https://cdn.midjourney.com/video/9e/0_0.mp4"
    assert clips(vendor, videoUrls=[url]) == [url]
    assert len(vendor.seen) == 1


def test_trap_19_an_order_carries_an_address_and_no_bytes(vendor):
    with pytest.raises(Refused, match="address"):
        vendor.submit(replace(ORDER, image_url="data:image/png;base64,iVBORw0KGgoA"))
    assert vendor.seen == []


def test_trap_20_four_clips_are_one_charge():
    for offer in OFFERS:
        assert offer.takes_per_order == 4
        assert offer.tariff_for({"mode": "fast", "resolution": "720p"}).usd == Decimal("0.6")


@pytest.mark.parametrize(
    "prompt",
    [
        "a dog --bs 1",
        "a dog --motion high",
        "--video 1",
        "a dog\n--end https://x.test/a.png",
        "a dog --LOOP",
        "a dog--turbo",
        "a dog —bs 1",
        "a dog –motion high",
        "a dog --anything",
    ],
)
@pytest.mark.parametrize("version", ["1", "2"])
def test_trap_21_a_flag_inside_the_prompt_is_not_sent(vendor, prompt, version):
    with pytest.raises(Refused, match="out of the prompt"):
        vendor.submit(replace(ORDER, prompt=prompt), schema_version=version)
    assert vendor.seen == []


@pytest.mark.parametrize(
    "prompt", ["a well-known dog", "dog — bs", "night—end of day", "9 - 5", "a dog -- and a cat"]
)
def test_trap_21_dashes_are_no_flags(vendor, prompt):
    assert body(vendor, replace(ORDER, prompt=prompt))["prompt"] == prompt


def test_trap_21_an_address_may_look_like_a_flag(vendor):
    address = "https://assets.example.test/signed/x--end.png"
    assert body(vendor, replace(ORDER, image_url=address))["image"] == address


# --- what else the sections on CometAPI ask for -------------------------------------------------------------


def test_the_price_of_the_article_is_for_the_fast_model_and_the_others_are_unknown():
    for offer in OFFERS:
        assert offer.tariff_for({}).model == "mj_fast_video"
        assert offer.tariff_for({"mode": "relax"}) is None
        assert offer.tariff_for({"mode": "turbo"}) is None
        assert offer.model_of({"mode": "relax"}) == "mj_relax_video"


def test_the_offers_promise_no_more_than_the_protocol_keeps():
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


def test_a_call_that_says_a_job_failed_is_believed_no_more_than_any_other():
    hint = parse_webhook({}, json.dumps(task(status="FAILURE")).encode())
    assert hint.vendor_job_id == JOB  # a reason to ask: it has nothing to act on but the id


def test_a_job_not_known_right_after_its_order_is_lost_until_whoever_asks_has_waited(vendor):
    with pytest.raises(JobNotFound):
        vendor.says(relay_error("task_not_exist ")).report()
    assert vendor.says(told(status="NOT_START")).report().progress is Progress.WAITING
