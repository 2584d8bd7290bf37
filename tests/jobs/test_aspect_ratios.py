"""The aspect ratio that crops a picture least, and the crop from which it is mentioned."""

from apps.jobs.aspect_ratios import CLOSE_ENOUGH, fits, nearest_aspect_ratio
from tests.support.cases import case

OFFERED = ("1:1", "4:3", "3:4", "16:9", "9:16", "2:3", "3:2")
NEAREST = {
    (1000, 1000): "1:1",
    (1920, 1080): "16:9",
    (1080, 1920): "9:16",
    (1600, 1200): "4:3",
    (1200, 1600): "3:4",
    (3000, 2000): "3:2",
    (4000, 1000): "16:9",
    (1000, 4000): "9:16",
    (1010, 1000): "1:1",
    # Between 4:3 and 3:2, nearer to the first: what counts is the part that is cut off.
    (1400, 1000): "4:3",
    (1430, 1000): "3:2",
}


def test_the_nearest_aspect_ratio_is_the_one_that_crops_least():
    for size, shape in NEAREST.items():
        with case(size):
            assert nearest_aspect_ratio(*size, OFFERED) == shape


def test_a_vendor_without_aspect_ratios_has_no_nearest_one():
    assert nearest_aspect_ratio(1600, 900, ()) == ""


def test_of_two_that_crop_alike_the_first_offered_is_taken():
    assert nearest_aspect_ratio(1000, 1000, ("2:1", "1:2")) == "2:1"
    assert nearest_aspect_ratio(1000, 1000, ("1:2", "2:1")) == "1:2"


def test_a_crop_of_less_than_six_per_cent_counts_as_fitting():
    assert CLOSE_ENOUGH == 0.06
    for width, is_close in {1000: True, 1050: True, 1061: True, 1063: False, 1200: False}.items():
        with case(width):
            assert fits(width, 1000, "1:1") is is_close
            assert fits(1000, width, "1:1") is is_close
