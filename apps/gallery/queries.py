"""The clips and jobs of the grid, narrowed by the filters of an address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.clips.models import Clip, ClipQuerySet
from apps.clips.slots import FACTS
from apps.core.paging import search_words
from apps.core.slots import Fact
from apps.jobs.models import Job, Submission
from apps.jobs.states import MOVING, TROUBLED, State, SubmissionOutcome
from apps.projects.models import Project
from apps.teams.models import Member

# Groups of jobs that people ask for, beside each state by its own name.
GROUPS = {
    "moving": (gettext_lazy("In progress"), Q(state__in=MOVING)),
    "trouble": (gettext_lazy("Needs attention"), Q(state__in=TROUBLED)),
    "late": (gettext_lazy("Arrived late"), Q(is_late=True)),
}


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter in force: its key in the address and its words."""

    key: str
    words: str


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of the address, checked: what nobody knows is left out."""

    state: str = ""
    # Values of facts about clips rather than about jobs, by key.
    facts: Mapping[str, str] = field(default_factory=dict)
    project: Project | None = None
    person: Member | None = None
    words: str = ""

    @property
    def shows_jobs(self) -> bool:
        """Whether jobs are asked for rather than clips."""
        return bool(self.state)

    def chips(self) -> list[Chip]:
        """Return the filters in force, as chips that can be taken off one by one."""
        labels = {**dict(State.choices), **{key: words for key, (words, _jobs) in GROUPS.items()}}
        rows = [
            ("state", labels.get(self.state)),
            *((fact.key, fact.words_for(self.facts[fact.key])) for fact in self._facts_in_force()),
            ("project", self.project and self.project.plain_name),
            ("person", self.person and str(self.person.user)),
            ("q", self.words and _("“%s”") % self.words),
        ]
        return [Chip(key, str(words)) for key, words in rows if words]

    def about_clips(self) -> Q:
        """Return the condition on clips of all facts in force."""
        return Q(*(fact.condition(self.facts[fact.key]) for fact in self._facts_in_force()))

    def _facts_in_force(self) -> list[Fact]:
        return [fact for fact in FACTS if fact.key in self.facts]


def read_filters(params: Mapping[str, str], member: Member) -> Filters:
    """Read the filters of a query string; projects and people are those of the member's team."""
    state, person = params.get("state", ""), params.get("person", "")
    facts = {fact.key: params.get(fact.key, "") for fact in FACTS}
    members = member.team.members.select_related("user")
    return Filters(
        state=state if state in State.values or state in GROUPS else "",
        facts={fact.key: facts[fact.key] for fact in FACTS if fact.has(facts[fact.key])},
        project=_project(params.get("project", "")),
        person=members.filter(user_id=int(person)).first()
        if person.isdecimal() and len(person) < 19
        else None,
        words=search_words(params.get("q", "")),
    )


def matching_clips(filters: Filters) -> ClipQuerySet:
    """Return the visible clips that fit all filters but those about jobs."""
    clips: ClipQuerySet = _visible_clips(filters).filter(_about_the_order(filters))
    if filters.person:
        clips = clips.filter(author=filters.person.user)
    return clips.select_related("image")


def matching_jobs(filters: Filters) -> QuerySet[Job]:
    """Return the jobs that fit all filters; with one about clips, jobs with such a clip."""
    jobs = _with_something_to_show(Job.objects.exclude(state=State.PLANNED))
    jobs = jobs.filter(_about_the_order(filters))
    if filters.state:
        in_group = GROUPS[filters.state][1] if filters.state in GROUPS else None
        jobs = jobs.filter(in_group or Q(state=filters.state))
    if filters.person:
        jobs = jobs.filter(created_by=filters.person.user)
    if filters.facts:
        jobs = jobs.filter(public_id__in=_visible_clips(filters).values("order"))
    return with_tiles(jobs)


def clips_in_stacks(filters: Filters) -> ClipQuerySet:
    """Return the clips that the stacks of matching jobs show."""
    return _visible_clips(filters)


def moving_jobs(filters: Filters) -> QuerySet[Job]:
    """Return the matching jobs in progress; none where a filter is about clips only."""
    if filters.facts:
        return Job.objects.none()
    return matching_jobs(replace(filters, state="moving"))


def troubled_jobs(filters: Filters) -> QuerySet[Job]:
    """Return the matching jobs that need somebody's attention."""
    return matching_jobs(replace(filters, state="trouble", facts={}))


def late_orders(clips: Sequence[Clip]) -> set[UUID]:
    """Return the orders of these clips that arrived late, and that nobody has taken note of."""
    orders = {clip.order for clip in clips if clip.order}
    late = Job.objects.filter(public_id__in=orders, is_late=True)
    return set(late.values_list("public_id", flat=True))


def _visible_clips(filters: Filters) -> ClipQuerySet:
    clips: ClipQuerySet = Clip.objects.visible().filter(filters.about_clips())
    return clips


def _about_the_order(filters: Filters) -> Q:
    """Return the filters by what an order and its clips have alike."""
    words = filters.words
    alike = Q(prompt_text__icontains=words) | Q(image_title__icontains=words) if words else Q()
    return alike & Q(project=filters.project) if filters.project else alike


def _with_something_to_show(jobs: QuerySet[Job]) -> QuerySet[Job]:
    """Leave out the saved jobs of which every clip was moved to the trash."""
    # Sets that are made once: asked of each job anew, SQLite goes through all clips of the team for
    # each.
    trashed = Clip.objects.filter(trashed_at__isnull=False, order__isnull=False)
    visible = Clip.objects.visible().filter(order__isnull=False)
    touched = Job.objects.filter(state=State.SAVED, public_id__in=trashed.values("order"))
    left = touched.filter(public_id__in=visible.values("order"))
    return jobs.exclude(pk__in=touched.exclude(pk__in=left))


def with_tiles(jobs: QuerySet[Job]) -> QuerySet[Job]:
    """Load with the jobs what their tiles show, in a constant number of queries."""
    unknown = Q(pk__in=Submission.objects.filter(outcome=SubmissionOutcome.UNKNOWN).values("job"))
    jobs = jobs.annotate(in_doubt=ExpressionWrapper(unknown, BooleanField()))
    return jobs.select_related("project", "image", "account", "created_by")


def filter_choices(member: Member) -> dict[str, Any]:
    """Return what the filter menus offer."""
    return {
        "states": [*((key, words) for key, (words, _jobs) in GROUPS.items()), *State.choices[1:]],
        "facts": list(FACTS),
        "projects": Project.objects.order_by("name").only("public_id", "name", "is_private"),
        "people": member.team.members.select_related("user").order_by("user__name"),
    }


def _project(text: str) -> Project | None:
    try:
        return Project.objects.filter(public_id=UUID(text)).first()
    except ValueError:
        return None
