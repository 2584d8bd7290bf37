"""Random requests: an order is parsed or refused, and never fails otherwise."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.sandbox.comet import orders as comet
from apps.sandbox.fault_injection import UnknownFault, faults_in_prompt, without_fault_words
from apps.sandbox.wavespeed import orders as wavespeed
from apps.sandbox.wavespeed.parameters import FIRST, THIRD
from apps.sandbox.wavespeed.search import parse_query

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
VALUES = (
    LEAVES | st.lists(LEAVES, max_size=2) | st.dictionaries(st.text(max_size=3), LEAVES, max_size=2)
)
NAMES = ["image", "prompt", *(parameter.name for parameter in (*FIRST, *THIRD))]
COMET = [
    "prompt",
    "image",
    "motion",
    "videoType",
    "batchSize",
    "action",
    "taskId",
    "index",
    "state",
    "notifyHook",
]
LIKELY = st.sampled_from(
    [
        "http://x/y.png",
        "low",
        "480p",
        "extend",
        "vid_1.1_i2v_480",
        "--bs 2",
        "data:image/png;base64,AA==",
        "2",
    ]
)


@given(st.binary())
def test_random_bytes_are_an_order_or_refused(raw):
    with contextlib.suppress(wavespeed.BadOrder):
        wavespeed.parse_order(raw)


@given(st.dictionaries(st.sampled_from(NAMES), VALUES | LIKELY))
def test_a_random_object_is_a_wavespeed_order_or_refused(body):
    with contextlib.suppress(wavespeed.BadOrder):
        read = wavespeed.parse_order(json.dumps(body).encode())
        assert wavespeed.price_of(read)
        assert wavespeed.drawing_of(read)["seed"] >= 0
        assert json.loads(json.dumps(read, allow_nan=False)) == read


@given(st.dictionaries(st.sampled_from(COMET), VALUES | LIKELY))
def test_a_random_object_is_a_comet_order_or_refused(body):
    with contextlib.suppress(comet.BadOrder):
        read = comet.parse_order(body)
        assert read.clips in {1, 2, 4}
        assert bool(read.picture) != bool(read.parent)


@given(
    st.dictionaries(
        st.sampled_from(["page", "page_size", "status", "created_after", "model"]), VALUES
    )
)
def test_a_random_search_is_parsed_or_refused(body):
    with contextlib.suppress(wavespeed.BadOrder):
        assert parse_query(body, now=1e9).size <= 100


@given(st.text(alphabet="[fault:429 late]=x1", max_size=60))
def test_a_random_prompt_has_known_faults_or_is_refused(prompt):
    with contextlib.suppress(UnknownFault):
        assert all(
            called.times is None or called.times >= 0
            for called in faults_in_prompt(prompt, "comet")
        )
    assert "[fault:429]" not in without_fault_words(prompt)


def test_an_infinite_number_is_refused():
    with pytest.raises(wavespeed.BadOrder, match="quality"):
        wavespeed.parse_order(b'{"image": "http://x/y", "prompt": "p", "quality": Infinity}')
