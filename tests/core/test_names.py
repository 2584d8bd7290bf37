import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.names import file_name, on_one_line, title_from

RTL = "\u202e"


@pytest.mark.parametrize(
    ("given_name", "title", "saved_as"),
    [
        ("Heron.jpg", "Heron", "Heron.jpg"),
        ("Über den Dächern.jpeg", "Über den Dächern", "Über den Dächern.jpeg"),
        ("../../etc/passwd", "passwd", "passwd"),
        ("..\\..\\boot.ini", "boot", "boot.ini"),
        ("C:\\photos\\heron.jpg", "heron", "heron.jpg"),
        ("/etc/heron.jpg", "heron", "heron.jpg"),
        ("heron.jpg\0.exe", "heron.jpg", "heron.jpg .exe"),
        (f"heron{RTL}gpj.exe", "heron gpj", "heron gpj.exe"),
        ("heron\r\nSet-Cookie: a=b.jpg", "heron Set-Cookie: a=b", "heron Set-Cookie_ a=b.jpg"),
        ('he"ron;x=.jpg', 'he"ron;x=', "he_ron_x=.jpg"),
        ("con.jpg", "con", "_con.jpg"),
        ("LPT1", "LPT1", "_LPT1"),
        ("com¹.png", "com¹", "_com¹.png"),
        ("console.jpg", "console", "console.jpg"),
        (".htaccess", "htaccess", "htaccess"),
        ("...", "", "file"),
        ("", "", "file"),
        (" \t\n", "", "file"),
    ],
)
def test_a_name_says_to_people_and_to_disks_no_more_than_a_name(given_name, title, saved_as):
    assert title_from(given_name) == title
    assert file_name(given_name) == saved_as


def test_a_name_of_ten_thousand_characters_keeps_its_ending():
    assert file_name("x" * 10_000 + ".jpg") == "x" * 120 + ".jpg"


@given(st.text())
def test_whatever_it_was_it_fits_a_header_and_a_disk(name):
    cleaned = file_name(name)
    assert cleaned == on_one_line(cleaned)
    assert 0 < len(cleaned) <= 130
    assert not set(cleaned) & set('/\\:*?"<>|\0\r\n')
    assert cleaned.strip(" .") == cleaned
