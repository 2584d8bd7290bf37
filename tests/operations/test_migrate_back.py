"""`manage.py migrate_back` goes where an older version was, and `manage.py migrate` comes back."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.support.database import as_it_was
from tests.support.schema import schema


@pytest.mark.proof
def test_an_installation_made_by_squashed_migrations_goes_back_one_by_one(transactional_db):
    with as_it_was():
        before, said = schema(), StringIO()
        call_command("migrate_back", "budgets", "0006_ledger_entry_checks", stdout=said)
        assert said.getvalue().splitlines() == [
            "taken back: budgets.0009_after_squashing",
            "taken back: budgets.0008_plain_words",
            "taken back: budgets.0007_price_variants",
        ]
        assert any("resolution" in line for line in schema()["budgets_price"])
        call_command("migrate", verbosity=0)
        assert schema() == before


def test_what_was_never_applied_is_no_place_to_go_back_to(db):
    with pytest.raises(CommandError, match=r"budgets.0001_begin is not applied."):
        call_command("migrate_back", "budgets", "0001_begin")
