import pytest

from apps.core.errors import DomainError
from apps.core.secrets import seal, unseal


def test_what_is_sealed_can_be_opened_and_not_read():
    sealed = seal("ws-1234")
    assert "ws-1234" not in sealed
    assert unseal(sealed) == "ws-1234"


def test_the_same_key_never_looks_the_same_twice():
    assert seal("ws-1234") != seal("ws-1234")


def test_old_keys_go_on_opening_what_they_sealed(settings):
    settings.ENCRYPTION_KEYS = ["old"]
    sealed = seal("ws-1234")
    settings.ENCRYPTION_KEYS = ["new", "old"]
    assert unseal(sealed) == "ws-1234"


def test_the_newest_key_seals(settings):
    settings.ENCRYPTION_KEYS = ["new", "old"]
    sealed = seal("ws-1234")
    settings.ENCRYPTION_KEYS = ["new"]
    assert unseal(sealed) == "ws-1234"


def test_what_the_secret_key_sealed_stays_readable_when_keys_of_their_own_come(settings):
    settings.ENCRYPTION_KEYS = []
    sealed = seal("ws-1234")
    settings.ENCRYPTION_KEYS = ["first"]
    assert unseal(sealed) == "ws-1234"


@pytest.mark.parametrize("spoilt", ["", "nonsense", "ü"])
def test_a_key_that_nobody_can_open_is_told_in_words(spoilt):
    with pytest.raises(DomainError, match="MJWEB_ENCRYPTION_KEYS"):
        unseal(spoilt)


def test_a_lost_key_is_told_in_words(settings):
    settings.ENCRYPTION_KEYS = ["old"]
    sealed = seal("ws-1234")
    settings.ENCRYPTION_KEYS = ["new"]
    with pytest.raises(DomainError, match="MJWEB_ENCRYPTION_KEYS"):
        unseal(sealed)
