"""The demo team of a new installation: complete, small, and with pictures that may be passed on."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from PIL import Image as Pillow

from apps.demo.seed import PICTURES
from apps.demo.texts import PASSWORD, PEOPLE, PLANS, PROMPTS, TEAM
from apps.jobs.models import Job, VendorAccount
from apps.projects.models import Image
from apps.prompts.models import Prompt
from apps.teams.models import Team, User
from apps.teams.scoping import within

MOST_BYTES = 1_500_000


def picture_files():
    return sorted(path for path in PICTURES.iterdir() if path.suffix != ".md")


@pytest.mark.django_db
def test_the_demo_fills_an_empty_installation_once(settings):
    settings.DEMO = True
    call_command("demo", "--longest=64")
    call_command("demo", "--longest=64")
    team = Team.objects.get(name=TEAM)
    assert {member.user.email for member in team.members.all()} == {one.email for one in PEOPLE}
    assert User.objects.get(email=PEOPLE[-1].email).check_password(PASSWORD)
    with within(team):
        assert Prompt.objects.count() == len(PROMPTS)
        assert Image.objects.count() == sum(len(plan.pictures) for plan in PLANS)
        assert Image.objects.get(title="Harbour at dusk").width == 64
        assert (VendorAccount.objects.count(), Job.objects.count()) == (2, 4)


def test_the_demo_refuses_an_installation_that_does_not_ask_for_it(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="published password"):
        call_command("demo")


def test_the_logins_of_the_demo_are_printed(settings):
    settings.DEMO = True
    printed = StringIO()
    call_command("demo", "--logins", stdout=printed)
    for person in PEOPLE:
        assert person.email in printed.getvalue()


def test_the_pictures_of_the_demo_are_small_and_large_enough_to_look_at():
    files = picture_files()
    assert sum(path.stat().st_size for path in files) < MOST_BYTES
    assert {path.name for path in files} == {name for plan in PLANS for name in plan.pictures}
    for path in files:
        with Pillow.open(path) as picture:
            assert max(picture.size) >= 400, path.name


def test_the_licence_beside_the_pictures_names_each_of_them():
    licence = (PICTURES / "LICENSE.md").read_text()
    for path in picture_files():
        assert f"`{path.name}`" in licence, path.name
