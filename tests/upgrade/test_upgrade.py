"""An installation of an older version opens with everything in it, on SQLite and PostgreSQL.

The expectations are plain values, read through today's models: whoever renames a column changes
the name here, and never the value.
"""

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db.models import Sum
from django.test import Client

from apps.activity.models import Delivery, Event, FanOutCursor, Notice, Preference, Webhook
from apps.budgets.models import Budget, LedgerEntry, Price
from apps.clips.models import Clip
from apps.core.secrets import unseal
from apps.jobs.models import Chain, Heartbeat, Job, Lane, Submission, VendorAccount, VendorRequest
from apps.projects.models import Image, Original, Project, ProjectMember
from apps.prompts.models import Prompt
from apps.reviews.models import Decision
from apps.teams.models import FirstOwnerClaim, Invitation, Member, Team, Token, User
from apps.teams.models.tokens import digest_of
from apps.teams.scoping import everywhere, within
from tests.support.local_services import answers
from tests.upgrade.installations import (
    as_default_database,
    keep_upgraded,
    postgresql_of,
    sqlite_of,
    unpack_media,
)

VERSION = "12a70d4"
KEY = "of-the-installation-made-at-12a70d4-and-of-nothing-else"
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)

# One worker migrates it once.
pytestmark = pytest.mark.xdist_group("upgrade")


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.proof)]
)
def _upgraded_media(request, tmp_path_factory, django_db_setup, django_db_blocker):
    if request.param == "postgresql" and not answers(5432):
        pytest.skip("PostgreSQL does not answer on port 5432.")
    database_of = {"sqlite": sqlite_of, "postgresql": postgresql_of}[request.param]
    folder = tmp_path_factory.mktemp("upgrade")
    with (
        django_db_blocker.unblock(),
        database_of(VERSION, folder) as address,
        as_default_database(address),
    ):
        call_command("migrate", verbosity=0)
        keep_upgraded(VERSION, folder)
        yield unpack_media(VERSION, folder)


@pytest.fixture(autouse=True)
def _open_installation(_upgraded_media, settings, local_files):
    settings.MEDIA_ROOT = _upgraded_media
    settings.SECRET_KEY = KEY
    settings.ENCRYPTION_KEYS = []
    with everywhere():
        yield


def job_of(text: str) -> Job:
    return Job.objects.get(prompt_text=text)


def clips_of(text: str) -> list[Clip]:
    return list(Clip.objects.filter(order=job_of(text).public_id).order_by("is_joined", "take"))


def name_of(user: User | None) -> str:
    return user.name if user else ""


def test_people_keep_their_roles_and_teams_their_state():
    rows = Member.objects.values_list("team__name", "user__email", "role")
    assert sorted(rows) == [
        ("Old Reels", "paul@studio.example", "owner"),
        ("Studio Tidewater", "cora@studio.example", "creator"),
        ("Studio Tidewater", "olivia@studio.example", "owner"),
        ("Studio Tidewater", "paul@studio.example", "producer"),
        ("Studio Tidewater", "ravi@studio.example", "reviewer"),
        ("Studio Tidewater", "vera@studio.example", "viewer"),
        ("Unpaid Pictures", "vera@studio.example", "owner"),
    ]
    studio, old, closed = Team.objects.order_by("pk")
    assert (studio.is_archived, studio.is_suspended) == (False, False)
    assert (studio.event_days, studio.trash_days, studio.keeps_originals) == (365, 7, True)
    assert (old.is_archived, old.is_suspended) == (True, False)
    assert (closed.is_archived, closed.is_suspended) == (False, True)
    assert closed.suspension_reason == "The invoice was not paid."
    assert closed.status_before_suspension == "archived"


def test_a_person_keeps_settings_and_ways_to_sign_in():
    olivia = User.objects.get(email="olivia@studio.example")
    assert olivia.password.startswith("pbkdf2_sha256$1000000$")
    assert (olivia.time_zone, olivia.single_keys) == ("Europe/Lisbon", False)
    assert (olivia.last_team.name, olivia.is_superuser) == ("Studio Tidewater", True)
    erased = User.objects.get(email="erased-1@erased.invalid")
    assert (erased.is_active, str(erased)) == (False, "Former member")
    assert EmailAddress.objects.filter(verified=True, primary=True).count() == 4
    assert Authenticator.objects.get().user == olivia
    assert SocialAccount.objects.get().uid == "ravi-at-the-idp"
    assert UserSession.objects.get().user_agent == "Firefox"
    assert FirstOwnerClaim.objects.count() == 1


def test_invitations_and_tokens_open_what_they_opened():
    invitations = Invitation.objects.order_by("pk")
    facts = [
        (one.role, one.email, one.is_open, one.uses_left, one.joined.count()) for one in invitations
    ]
    assert facts == [
        ("reviewer", "new@studio.example", True, 1, 0),
        ("creator", "", True, 1, 2),
        ("viewer", "", False, 1, 0),
    ]
    assert Invitation.objects.by_token("open-link") == invitations[0]
    token = Token.objects.get(digest=digest_of("mjweb_render-farm"))
    assert (token.is_active, sorted(token.scopes), token.hint) == (
        True,
        ["create", "discard"],
        "farm",
    )
    assert (name_of(token.member.user), token.used_from) == ("Cora Chen", "192.0.2.7")
    assert not Token.objects.get(digest=digest_of("mjweb_old-script")).is_active


def test_a_private_project_stays_private_for_the_same_people():
    names = Project.objects.values_list("name", "is_private", "created_by__name")
    assert set(names) == {
        ("Coastline", False, "Cora Chen"),
        ("Secret launch", True, "Cora Chen"),
        ("Project of the archived", False, None),
        ("Project of the suspended", False, None),
    }
    places = ProjectMember.objects.values_list("project__name", "member__user__name")
    assert set(places) == {("Secret launch", "Olivia Ortega"), ("Secret launch", "Cora Chen")}
    coast = Project.objects.get(name="Coastline")
    assert (coast.brief, coast.mentions) == (
        "Six quiet clips. @Ravi decides.",
        [{"word": "Ravi", "name": "Ravi Rao"}],
    )


def test_images_and_prompts_keep_their_files_and_versions():
    harbour = Image.objects.get(title="Harbour")
    assert (harbour.project.name, name_of(harbour.created_by)) == ("Coastline", "Cora Chen")
    assert (harbour.width, harbour.height, len(harbour.sha256)) == (48, 32, 64)
    original = Original.objects.get()
    assert (original.image, original.name, original.has_location) == (harbour, "DSC_0042.jpg", True)
    for image in Image.objects.all():
        assert default_storage.exists(image.file), image
        assert default_storage.exists(image.thumbnail), image
    with default_storage.open(original.file) as file:
        assert file.read() == b"as it came"
    prompt = Prompt.objects.get()
    versions = prompt.versions.order_by("number")
    assert [(one.number, one.text, one.note) for one in versions] == [
        (1, "Waves roll gently, {camera=static camera}.", ""),
        (2, "Waves roll in, {camera=static camera}.", "More movement"),
    ]
    assert (prompt.title, name_of(versions[1].created_by)) == ("Water and light", "Paul Pereira")


def test_vendor_accounts_keep_their_keys_limits_and_circuit_breakers():
    main, second, sandbox = VendorAccount.objects.filter(team__name="Studio Tidewater").order_by(
        "pk"
    )
    assert (main.name, main.kind, main.is_open) == ("Main", "wavespeed", True)
    assert unseal(main.sealed_key).startswith("ws-key-of-the-tests-")
    assert main.webhook_secrets == ["whsec_hooks-of-main"]
    assert (main.key_hint, main.moderation_limit, main.balance) == ("1234", 5, Decimal("41.5"))
    assert main.base_url == "https://api.wavespeed.example"
    assert (main.lane.orders_per_minute, main.lane.in_flight, main.lane.tokens) == (50, 10, 4.5)
    assert (second.name, second.kind, second.is_open) == ("Second", "comet", False)
    assert (second.lane.failure_count, second.lane.last_error) == (6, "502 from the vendor")
    assert (second.lane.is_circuit_open, second.lane.is_paused) == (True, True)
    assert (sandbox.is_sandbox, sandbox.sealed_key) == (True, "")
    assert (VendorAccount.objects.count(), Lane.objects.count()) == (5, 5)


STATES = {
    "queued, urgent": "queued",
    "submitting": "submitting",
    "unconfirmed, sent twice": "unconfirmed",
    "at the vendor, to be stopped": "at_vendor",
    "at the vendor, cannot be stopped": "at_vendor",
    "saving": "saving",
    "saved, four takes": "saved",
    "saved, of the private project": "saved",
    "saved long ago": "saved",
    "moderated": "moderated",
    "failed, looked at again": "failed",
    "cancelled at the vendor": "cancelled",
    "came late": "saved",
    "queued at the sandbox": "queued",
    "chain, first part": "saved",
    "chain, second part": "at_vendor",
    "chain, third part": "planned",
    "joined chain, first part": "saved",
    "joined chain, second part": "saved",
    "joined chain, dropped part": "cancelled",
    "waiting chain, first part": "saved",
    "waiting chain, second part": "saved",
    "queued in the archived team": "queued",
    "queued in the suspended team": "queued",
}


def test_every_job_is_in_its_state():
    assert dict(Job.objects.values_list("prompt_text", "state")) == STATES


def test_a_job_keeps_who_ordered_what_and_at_which_vendor():
    job = job_of("saved, four takes")
    assert (name_of(job.created_by), job.project.name, job.image.title) == (
        "Cora Chen",
        "Coastline",
        "Harbour",
    )
    assert (job.prompt_title, job.prompt_number, job.price) == (
        "Water and light",
        2,
        Decimal("0.15"),
    )
    assert (job.vendor, job.account.name, job.vendor_job_id) == ("wavespeed", "Main", "v-saved")
    assert job.parameters == {"resolution": "480p", "aspect_ratio": "16:9"}
    assert (job.image_title, job.image_sha256) == ("Harbour", job.image.sha256)
    assert (job.vendor_status, job.inference_ms) == ("completed", 21_000)
    assert job.submitted_at < job.accepted_at < job.done_at < job.saved_at
    again = job_of("saved, of the private project")
    assert (again.rerun_of, name_of(again.created_by)) == (job, "Olivia Ortega")
    assert name_of(job_of("came late").created_by) == "Paul Pereira"
    assert job_of("came late").is_late
    assert str(job_of("saved long ago").created_by) == "Former member"
    assert (job_of("queued, urgent").is_urgent, job_of("moderated").vendor) == (True, "comet")
    assert job_of("queued at the sandbox").price is None


def test_counts_of_tries_and_failures_of_a_job_are_kept():
    assert job_of("queued, urgent").submit_tries == 2
    assert job_of("submitting").submit_tries == 3
    assert job_of("at the vendor, to be stopped").poll_failures == 4
    assert job_of("failed, looked at again").later_polls == 2
    assert job_of("failed, looked at again").next_step_at < NOON


def test_unconfirmed_submissions_are_still_reconciled():
    job = job_of("unconfirmed, sent twice")
    assert job.submission_number == 2
    first, second = Submission.objects.filter(job=job).order_by("number")
    assert (first.reference, first.outcome, first.search_count) == ("mark-one", "not_received", 9)
    assert (second.reference, second.outcome, second.search_count) == ("mark-two", "unknown", 4)
    assert (second.unverified_job_id, second.image_url) == (
        "perhaps-77",
        "https://house.example/two.jpg",
    )
    assert second.search_at < NOON
    assert Submission.objects.count() == 19
    assert Submission.objects.get(job=job_of("saved, four takes")).outcome == "accepted"
    assert Submission.objects.get(job=job_of("submitting")).outcome == "unknown"


def test_wishes_to_a_vendor_and_its_answers_are_kept():
    answers = VendorRequest.objects.values_list("job__prompt_text", "kind", "answer")
    assert set(answers) == {
        ("at the vendor, to be stopped", "stop", ""),
        ("at the vendor, cannot be stopped", "stop", "unable"),
        ("cancelled at the vendor", "stop", "done"),
        ("came late", "stop", "too_late"),
        ("saved, four takes", "delete", ""),
        ("saved, of the private project", "delete", "done"),
    }
    for request in VendorRequest.objects.unanswered():
        assert request.next_try_at < NOON, request
    assert VendorRequest.objects.get(kind="delete", answer="done").done_at < NOON
    assert job_of("at the vendor, to be stopped").webhook_at < NOON


def test_chains_go_on_from_the_same_takes():
    under_way = job_of("chain, first part").chain
    assert (under_way.is_stepwise, under_way.stopped_at, name_of(under_way.created_by)) == (
        True,
        None,
        "Cora Chen",
    )
    parts = under_way.parts.order_by("part")
    assert [(one.part, one.extends_id, one.extends_take) for one in parts] == [
        (0, None, None),
        (1, parts[0].pk, 2),
        (2, parts[1].pk, None),
    ]
    joined = job_of("joined chain, first part").chain
    assert joined.stopped_at < NOON
    assert (joined.joined_parts, joined.parts.count()) == (2, 3)
    waiting = job_of("waiting chain, first part").chain
    assert waiting.join_at < NOON
    assert waiting.fault == "The parts have different sizes."
    assert Chain.objects.count() == 3


def test_saved_clips_keep_verdict_files_and_recipe():
    approved, changes, undecided, trashed = clips_of("saved, four takes")
    assert [one.verdict for one in (approved, changes, undecided, trashed)] == [
        "approved",
        "changes_requested",
        "undecided",
        "undecided",
    ]
    assert (approved.nsfw, approved.our_nsfw, approved.our_score) == ("clear", "clear", 0.01)
    assert (changes.our_nsfw, changes.our_score, changes.is_veiled) == ("flagged", 0.93, True)
    assert (undecided.nsfw, undecided.is_veiled) == ("unknown", True)
    assert (approved.prompt_title, approved.prompt_number) == ("Water and light", 2)
    assert (approved.vendor, approved.image_title, approved.project.name) == (
        "wavespeed",
        "Harbour",
        "Coastline",
    )
    assert (approved.width, approved.height, approved.frames) == (96, 64, 24)
    for name in (approved.file, approved.poster, approved.sprite):
        assert default_storage.exists(name), name
    assert default_storage.size(approved.file) == approved.size
    assert clips_of("joined chain, second part")[-1].is_joined
    assert clips_of("saving")[0].check_at < NOON


def test_a_take_still_to_be_downloaded_is_downloaded_and_a_lost_one_stays_lost():
    saved, to_download, lost = job_of("saving").outputs.order_by("take")
    assert [saved.clip] == clips_of("saving")
    assert (to_download.clip, to_download.given_up_at, to_download.tries) == (None, None, 3)
    assert to_download.vendor_url == "https://cdn.example/saving/1.mp4"
    assert to_download.fault == "The vendor's file server does not answer."
    assert to_download.next_try_at < NOON
    assert (lost.clip, lost.next_try_at, lost.tries) == (None, None, 12)
    assert lost.given_up_at < NOON
    assert lost.vendor_url == "https://cdn.example/saving/2.mp4"
    assert Clip.objects.ever_saved().count() == 16


def test_clips_keep_how_by_whom_and_when_they_were_made():
    job = job_of("saved, four takes")
    clips = clips_of("saved, four takes")
    assert [clip.take for clip in clips] == [1, 2, 3, 4]
    assert {clip.author for clip in clips} == {job.created_by}
    assert {clip.image for clip in clips} == {job.image}
    timings = job.timings | {"saving": None, "total": None}
    assert clips[0].timings | {"saving": None, "total": None} == timings


def test_the_trash_keeps_what_can_be_restored_and_what_is_gone():
    trashed = Clip.objects.in_trash().get()
    assert trashed == clips_of("saved, four takes")[3]
    assert name_of(trashed.trashed_by) == "Cora Chen"
    gone, going = clips_of("saved long ago")
    assert (gone.gone_at < NOON, gone.remove_at) == (True, None)
    assert str(gone.trashed_by) == "Former member"
    assert not default_storage.exists(gone.file)
    assert (going.gone_at < NOON, going.remove_at < NOON) == (True, True)
    assert default_storage.exists(going.file)
    assert Clip.objects.visible().count() == 13


def test_decisions_keep_their_verdict_author_and_mentions():
    approved, changes, undecided, _trashed = clips_of("saved, four takes")
    rows = Decision.objects.order_by("pk")
    assert [
        (one.clip, one.verdict, one.note, name_of(one.created_by), one.mentions) for one in rows
    ] == [
        (approved, "changes_requested", "Slower, please.", "Ravi Rao", []),
        (approved, "approved", "", "Ravi Rao", []),
        (
            changes,
            "changes_requested",
            "@Cora the light is too hard.",
            "Paul Pereira",
            [{"word": "Cora", "name": "Cora Chen"}],
        ),
        (undecided, "approved", "Good.", "Ravi Rao", []),
        (undecided, "undecided", "Taken back.", "Ravi Rao", []),
    ]


def test_the_ledger_adds_up_to_the_same_sums():
    kinds = Counter(LedgerEntry.objects.values_list("kind", flat=True))
    # The last two are of what turned out later: a refund that never came, a cost found out.
    assert sorted(kinds.values()) == [1, 1, 2, 3, 16, 33]
    assert (kinds["hold"], kinds["charge"], kinds["void"], kinds["refund"]) == (33, 16, 3, 2)
    assert (kinds["refund_missing"], kinds["corrected"]) == (1, 1)
    sums = LedgerEntry.objects.aggregate(held=Sum("held"), spent=Sum("spent"))
    assert {key: round(value, 4) for key, value in sums.items()} == {
        "held": Decimal("2.25"),
        "spent": Decimal("2.82"),
    }
    unpriced = LedgerEntry.objects.filter(model="ledger/unknown")
    assert [one.usd for one in unpriced] == [None, None]
    last = LedgerEntry.objects.filter(model="ledger/stated").latest("pk")
    assert (last.usd, last.spent) == (Decimal("0.42"), Decimal("0.42"))
    assert "The invoice of November." in last.why
    missed = LedgerEntry.objects.filter(model="ledger/missed").latest("pk")
    assert (missed.spent, name_of(missed.person)) == (Decimal("0.30"), "Paul Pereira")


def test_budgets_and_prices_are_in_force_as_before():
    budgets = Budget.objects.order_by("pk")
    assert [(one.target_name, one.period, one.limit_usd, one.is_active) for one in budgets] == [
        ("the whole team", "month", Decimal(100), True),
        ("Coastline", "total", Decimal("40.5"), True),
        ("Cora Chen", "month", Decimal(12), True),
        ("Ravi Rao", "month", Decimal(100), False),
    ]
    assert budgets[0].warn_percent == 75
    rows = Price.objects.order_by("pk")
    assert [(one.vendor, one.model, one.variant, one.usd, one.is_live) for one in rows] == [
        ("wavespeed", "midjourney/image-to-video", "480p", Decimal("0.15"), False),
        ("comet", "mj_video", "", Decimal("0.2"), True),
    ]
    assert (rows[0].source, name_of(rows[0].created_by)) == ("Our contract", "Olivia Ortega")


def test_the_log_says_who_did_what():
    assert Event.objects.count() == 23
    judged = Event.objects.get(verb="judged")
    clip = clips_of("saved, four takes")[0]
    assert (name_of(judged.actor), judged.origin, judged.facts) == (
        "Ravi Rao",
        "192.0.2.3",
        {"verdict": "approved", "clip": str(clip.public_id), "take": 1},
    )
    assert (judged.subject_kind, judged.subject_id) == ("job", clip.order)
    assert judged.of_person
    assert not Event.objects.filter(verb="broke").get().of_person


def test_fan_out_continues_at_the_same_event():
    told = FanOutCursor.objects.get()
    newest = Event.objects.latest("pk").pk
    assert (told.done_up_to, told.done_above) == (newest - 3, [newest - 1])
    notices = Notice.objects.filter(user__name="Cora Chen").order_by("pk")
    assert [one.topic for one in notices] == ["saved", "failed", "approved", "mentioned"]
    assert [bool(one.read_at) for one in notices] == [True, False, False, False]
    assert [bool(one.mailed_at) for one in notices] == [False, False, True, True]
    assert [one.in_app for one in notices] == [True, True, True, False]
    assert (notices[1].mail_at < NOON, notices[1].mail_tries) == (True, 2)
    preferences = Preference.objects.values_list("user__name", "topic", "in_app", "mail")
    assert set(preferences) == {
        ("Cora Chen", "saved", True, "daily"),
        ("Paul Pereira", "failed", False, "never"),
    }


def test_webhooks_keep_url_secret_and_deliveries():
    own, channel = Webhook.objects.order_by("pk")
    assert (own.name, own.style, own.is_on, own.topics) == (
        "Our own",
        "signed",
        True,
        ["saved", "failed"],
    )
    assert unseal(own.sealed_url) == "https://hooks.example/in"
    assert unseal(own.sealed_secret).startswith("whsec_")
    assert (channel.style, channel.is_on, bool(channel.failing_since)) == ("slack", False, True)
    deliveries = Delivery.objects.order_by("pk")
    assert [(one.state, one.tries, one.http_status) for one in deliveries] == [
        ("sent", 1, 200),
        ("waiting", 3, 503),
        ("given_up", 9, 404),
    ]
    assert deliveries[1].next_at < NOON
    assert deliveries[0].event.facts == {"to": "saved"}


def test_the_last_heartbeat_of_each_process_is_kept():
    rows = Heartbeat.objects.order_by("name")
    assert [(one.name, one.beat_at < NOON) for one in rows] == [("saver", True), ("worker", True)]


PAGES = (
    "/",
    "/gallery/",
    "/gallery/trash/",
    "/clips/review/",
    "/projects/",
    "/prompts/",
    "/jobs/new/",
    "/jobs/late/",
    "/jobs/accounts/",
    "/money/",
    "/money/lines/",
    "/money/prices/",
    "/money/budgets/",
    "/costs/clips/",
    "/team/",
    "/team/settings/",
    "/activity/log/",
    "/activity/log.csv",
    "/activity/notices/",
    "/activity/webhooks/",
    "/me/privacy/",
)


@pytest.fixture
def olivia():
    browser = Client()
    browser.force_login(User.objects.get(email="olivia@studio.example"))
    return browser


def test_an_owner_opens_every_page(olivia):
    for page in PAGES:
        assert olivia.get(page).status_code == 200, page


@pytest.mark.proof
def test_an_owner_opens_every_job_clip_and_project(olivia):
    with within(Team.objects.get(name="Studio Tidewater")):
        rows = [*Job.objects.all(), *Clip.objects.visible(), *Project.objects.all()]
    for row in rows:
        assert olivia.get(row.get_absolute_url()).status_code == 200, row


def test_a_private_clip_is_served_to_its_project_members_only():
    cora, paul = Client(), Client()
    cora.force_login(User.objects.get(email="cora@studio.example"))
    paul.force_login(User.objects.get(email="paul@studio.example"))
    clip = clips_of("saved, of the private project")[0]
    assert cora.get(f"/jobs/clips/{clip.public_id}/video", follow=True).status_code == 200
    assert paul.get(f"/jobs/clips/{clip.public_id}/video", follow=True).status_code == 404
