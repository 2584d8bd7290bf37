"""The audit log: who did what, from where."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from apps.activity.export import actor_words, as_csv, as_json
from apps.activity.filters import Filters, read_filters
from apps.activity.models import Event
from apps.activity.sentences import kind_words, sentence
from apps.activity.subject_links import addresses_of
from apps.activity.visibility import project_names
from apps.core.events import record
from apps.core.htmx import render_page
from apps.core.paging import newest_first
from apps.core.serving import stream_chunks
from apps.teams.access import MemberRequest, member_required
from apps.teams.roles import Permission

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Row:
    """One event as the log shows it."""

    event: Event
    who: str
    words: str
    kind: str
    address: str
    project: str


@require_safe
@member_required
def log(request: MemberRequest) -> HttpResponse:
    """Show what happened in the team, newest first."""
    request.member.require(Permission.AUDIT)
    filters = read_filters(request.GET, request.member.team)
    page = newest_first(filters.events(), request.GET.get("after", ""), size=PAGE_SIZE)
    context = {
        "filters": filters,
        "chips": filters.chips(),
        "choices": filters.choices(),
        "page": page,
        "rows": _rows(page.items),
    }
    return render_page(request, "activity/log.html", context, parts={"results": "results"})


def _rows(events: Sequence[Event]) -> list[Row]:
    addresses, names = addresses_of(events), project_names(event.project_id for event in events)
    return [
        Row(
            event=event,
            who=actor_words(event),
            words=sentence(event.verb, event.facts, event.subject_kind),
            kind=kind_words(event.subject_kind),
            address=addresses.get(event.subject_id, ""),
            project=names.get(event.project_id or 0, ("",))[0],
        )
        for event in events
    ]


@require_safe
@member_required
def log_csv(request: MemberRequest) -> HttpResponseBase:
    """Send the log as CSV with the filters of the page, and record that it was sent."""
    return _export(request, as_csv, "csv", "text/csv; charset=utf-8")


@require_safe
@member_required
def log_json(request: MemberRequest) -> HttpResponseBase:
    """Send the log as JSON with the filters of the page, and record that it was sent."""
    return _export(request, as_json, "json", "application/json")


def _export(
    request: MemberRequest,
    written: Callable[[QuerySet[Event]], Generator[bytes, None, None]],
    form: str,
    content_type: str,
) -> HttpResponseBase:
    request.member.require(Permission.AUDIT)
    filters = read_filters(request.GET, request.member.team)
    if request.method == "GET":
        _note(request, filters, form)
    response = StreamingHttpResponse(
        stream_chunks(request, written(filters.events())), content_type=content_type
    )
    name = f"audit-{timezone.localdate().isoformat()}.{form}"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return response


def _note(request: MemberRequest, filters: Filters, form: str) -> None:
    team, said = request.member.team, filters.as_facts()
    record("exported", team, actor=request.user, what="audit", format=form, filters=said)
