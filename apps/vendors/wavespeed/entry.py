"""WaveSpeedAI's entry in the registry."""

from apps.vendors.entries import VendorEntry
from apps.vendors.wavespeed.client import WaveSpeed
from apps.vendors.wavespeed.schema import OFFERS
from apps.vendors.wavespeed.webhooks import parse_webhook

WAVESPEED = VendorEntry(offers=OFFERS, client=WaveSpeed, parse_webhook=parse_webhook)
