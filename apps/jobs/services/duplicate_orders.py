"""Duplicate orders: the same thing ordered again by the same person, probably in another tab."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from apps.core.errors import DomainError
from apps.jobs.models import Job
from apps.teams.models import User


class DuplicateOrder(DomainError):
    """The same person ordered the same after this form had been opened, probably in another tab."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.words = _(
            "You have ordered exactly this since you opened this page: {order}. "
            "Press again to order it once more."
        )
        super().__init__(self.words.format(order=job))


# A job with the same of all these was ordered by the same person as the same thing.
SAME = (
    "image_id",
    "account_id",
    "prompt_text",
    "parameters",
    "part",
    "extends_id",
    "extends_take",
)


def refuse_duplicates(user: User, orders: Sequence[tuple[int, Sequence[Job]]]) -> None:
    """Raise DuplicateOrder where this person ordered the same since a form was opened.

    Each order is the number of the last job that its form had seen, and its new jobs.
    """
    if not orders:
        return
    earliest = min(seen for seen, _parts in orders)
    own = list(Job.objects.filter(created_by=user, pk__gt=earliest).order_by("-pk"))
    words = _words_of_chains(job.chain_id for job in own if job.chain_id)
    for seen, parts in orders:
        first, *further = parts
        for job in own:
            is_same = all(getattr(job, name) == getattr(first, name) for name in SAME)
            later = [text for part, text in words.get(job.chain_id, []) if part > job.part]
            if job.pk > seen and is_same and later == [part.prompt_text for part in further]:
                raise DuplicateOrder(job)


def _words_of_chains(chain_ids: Iterable[int]) -> dict[int | None, list[tuple[int, str]]]:
    """Return the part numbers and the words of each of these chains, in their order."""
    words: dict[int | None, list[tuple[int, str]]] = {}
    parts = Job.objects.filter(chain__in=set(chain_ids)).order_by("part")
    for chain_id, part, text in parts.values_list("chain_id", "part", "prompt_text"):
        words.setdefault(chain_id, []).append((part, text))
    return words
