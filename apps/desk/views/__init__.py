"""The pages of the desk."""

from apps.desk.views.costs import clips, clips_csv
from apps.desk.views.home import home
from apps.desk.views.privacy import export, privacy

__all__ = ["clips", "clips_csv", "export", "home", "privacy"]
