"""Picture and video files: judged, measured, drawn small."""
