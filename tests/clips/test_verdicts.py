from apps.clips.states import Verdict


def test_a_verdict_is_stored_as_its_value_alone():
    for verdict in Verdict:
        assert str(verdict) == verdict.value == verdict, verdict
        assert Verdict.of(verdict.value) is verdict


def test_buttons_of_verdicts_share_no_key():
    keys = [key for verdict in Verdict for key in verdict.shortcuts]
    assert len(keys) == len(set(keys))


def test_keys_are_written_for_scripts_and_for_people():
    assert Verdict.CHANGES.shortcuts == ["r", "ctrl+enter"]
    assert Verdict.CHANGES.shown_keys == ["R", "Ctrl+Enter"]
