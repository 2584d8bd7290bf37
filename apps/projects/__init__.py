"""Projects, their briefs and their source images."""
