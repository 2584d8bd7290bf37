"""Background task that empties the trash."""

from datetime import timedelta

from apps.core.background import background_task
from apps.gallery import making
from apps.teams.scoping import everywhere


@background_task("post", limit_seconds=240, every=timedelta(minutes=5), expires_seconds=300)
def empty() -> None:
    """Every five minutes, and when somebody empties a trash: remove what is gone for good."""
    with everywhere():
        making.let_go()
        if making.remove_gone():
            empty.delay()
