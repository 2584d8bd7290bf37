"""Facts about the state of a job, by a name each: pages ask for them."""

from django.db import models

from apps.jobs.states import ENDED, FINAL, MOVING, State


class StateFacts(models.Model):
    """The state of a job, and what follows from it alone."""

    state = models.CharField(max_length=12, choices=State.choices, default=State.PLANNED)

    class Meta:
        abstract = True

    @property
    def is_final(self) -> bool:
        """Nothing more will happen to this job."""
        return self.state in FINAL

    @property
    def is_moving(self) -> bool:
        """Something will happen to this job without anybody's doing."""
        return self.state in MOVING

    @property
    def has_ended_without_clips(self) -> bool:
        """The job has no clips, and gets none unless a person acts or the vendor is late."""
        return self.state in ENDED or self.is_unconfirmed

    @property
    def is_planned(self) -> bool:
        """A later part of a longer clip waits for the part before it."""
        return self.state == State.PLANNED

    @property
    def is_queued(self) -> bool:
        """The order waits for its turn here."""
        return self.state == State.QUEUED

    @property
    def is_submitting(self) -> bool:
        """The order is being sent."""
        return self.state == State.SUBMITTING

    @property
    def is_unconfirmed(self) -> bool:
        """The order was sent; whether it arrived is unknown."""
        return self.state == State.UNCONFIRMED

    @property
    def is_at_vendor(self) -> bool:
        """The vendor has the order."""
        return self.state == State.AT_VENDOR

    @property
    def is_saving(self) -> bool:
        """The vendor is done; the files are being downloaded."""
        return self.state == State.SAVING

    @property
    def is_saved(self) -> bool:
        """All files that could be had are here."""
        return self.state == State.SAVED

    @property
    def is_moderated(self) -> bool:
        """The vendor declined the prompt or the image."""
        return self.state == State.MODERATED
