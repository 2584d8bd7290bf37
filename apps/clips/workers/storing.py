"""Writing a clip's files into storage."""

from dataclasses import fields
from pathlib import Path

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage

from apps.clips.models import Clip
from apps.footage.probing import ClipFacts
from apps.footage.stills import Stills


def store(stem: str, path: Path, facts: ClipFacts, stills: Stills) -> dict[str, object]:
    """Store a video and its stills under `stem`; return their facts by a clip's columns."""
    names = {
        "file": f"{stem}.mp4",
        "poster": f"{stem}.poster.webp",
        "sprite": f"{stem}.sprite.webp",
    }
    with path.open("rb") as video:
        default_storage.save(names["file"], File(video))
    default_storage.save(names["poster"], ContentFile(stills.poster))
    default_storage.save(names["sprite"], ContentFile(stills.sprite))
    return columns_of(facts, stills) | names


def columns_of(facts: ClipFacts, stills: Stills) -> dict[str, object]:
    """Return the facts of a video by a clip's columns: those of the same name, and a few others."""
    columns = {column.name for column in Clip._meta.concrete_fields}
    names = [fact.name for fact in fields(facts) if fact.name in columns]
    return {name: getattr(facts, name) for name in names} | {
        "sprite_columns": stills.columns,
        "sprite_rows": stills.rows,
        "rate_num": facts.frame_rate.numerator,
        "rate_den": facts.frame_rate.denominator,
        "duration_ms": round(facts.duration * 1000),
    }
