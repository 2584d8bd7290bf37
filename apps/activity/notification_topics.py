"""Notification topics: what rooms registered, and which of them an event belongs to."""

from collections.abc import Mapping
from typing import Any

from apps.core.event_registry import Topic, registry

TEST = "test"  # the topic of a test message


def all_topics() -> dict[str, Topic]:
    """Return every topic by its key, in the order of the settings."""
    return registry.topics


def webhook_topics() -> list[Topic]:
    """Return the topics that webhooks can have.

    A topic without a label for webhooks is for people only, for example if another topic says the
    same of the event.
    """
    return [topic for topic in all_topics().values() if topic.for_webhooks]


def verbs_with_topics() -> frozenset[str]:
    """Return the verbs of which anybody can be notified."""
    return frozenset(topic.verb for topic in all_topics().values())


def topics_of(verb: str, kind: str, facts: Mapping[str, Any]) -> list[Topic]:
    """Return the topics of an event; a person is notified under the first meant for them."""
    return [topic for topic in all_topics().values() if topic.matches(verb, kind, facts)]
