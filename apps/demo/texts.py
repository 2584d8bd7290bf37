"""People, projects, prompts and first jobs of the demo team."""

from dataclasses import dataclass
from decimal import Decimal

from apps.teams.roles import Role

TEAM = "Studio Tidewater"
# Printed on the demo's sign-in page, which is reachable from this machine only.
PASSWORD = "mjweb-demo"  # noqa: S105  # nosec B105

BUDGET = Decimal(40)  # US dollars of play money, for the whole team each month


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the demo team."""

    name: str
    email: str
    role: Role


@dataclass(frozen=True, slots=True)
class Plan:
    """A project of the demo: its brief, and the files of its pictures."""

    name: str
    brief: str
    pictures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FirstJob:
    """A job that the demo orders at once, so that a first visitor sees work on its way."""

    image_title: str
    prompt: str
    values: dict[str, str]
    aspect_ratio: str


PEOPLE = (
    Person("Olivia Ortega", "owner@mjweb.example", Role.OWNER),
    Person("Paul Pereira", "producer@mjweb.example", Role.PRODUCER),
    Person("Cora Chen", "creator@mjweb.example", Role.CREATOR),
    Person("Ravi Rao", "reviewer@mjweb.example", Role.REVIEWER),
    Person("Vera Voss", "viewer@mjweb.example", Role.VIEWER),
)

PROMPTS = (
    (
        "Slow dolly in",
        "Slow dolly in towards {subject}, {light=soft evening light}, shallow depth of field.",
    ),
    (
        "Drifting pan",
        "The camera pans slowly to the {direction=right}, {detail=a light wind moves the grass}.",
    ),
    (
        "Living still",
        "Static camera. {subject} barely moves: {movement=breathing, a blink, hair in the wind}.",
    ),
    (
        "Weather rolls in",
        "{weather=Rain} begins to fall over {place}, the light turns {mood=cool and quiet}.",
    ),
    ("Water and light", "Waves roll gently, light glitters on the water, {camera=static camera}."),
    (
        "Orbit the product",
        "Slow orbit around {product}, studio light glides over the surface, clean background.",
    ),
    (
        "Crane up",
        "Crane up from {start} until {reveal=the whole landscape} comes into view, golden hour.",
    ),
    (
        "Handheld street",
        "Handheld, walking pace, {place=a narrow street} at night, neon flickers on wet ground.",
    ),
    ("Push in, high energy", "Fast push in on {subject}, dynamic, high motion, dust in the air."),
    (
        "Morning mist",
        "Mist drifts across {place}, slow zoom out, first sunlight through the trees.",
    ),
)

PLANS = (
    Plan(
        "Coastline — summer campaign",
        "Six quiet clips for the hotel's home page and the lobby screens. Calm, warm, no people. "
        "16:9 for the web, 2:3 for the screens. First cut on Friday.",
        pictures=(
            "harbour-at-dusk.webp",
            "lighthouse-and-waves.webp",
            "mountain-lake-at-dawn.webp",
        ),
    ),
    Plan(
        "Night shift — title sequence",
        "Stills from the storyboard, brought to life for the opening titles. "
        "Rain, neon, slow camera.",
        pictures=("neon-street-in-the-rain.webp", "dunes-and-moon.webp", "paper-cut-forest.webp"),
    ),
    Plan(
        "Small moments — social",
        "Everyday pictures that start to move in the feed. Short, friendly, loopable.",
        pictures=("chelsea.jpg", "coffee.jpg", "rocket.jpg"),
    ),
)

FIRST_JOBS = (
    FirstJob("Harbour at dusk", "Water and light", {}, "16:9"),
    FirstJob("Chelsea", "Living still", {"subject": "The cat"}, "4:3"),
    FirstJob("Neon street in the rain", "Weather rolls in", {"place": "the street"}, "2:3"),
    FirstJob("Coffee", "Slow dolly in", {"subject": "the cup"}, "4:3"),
)
