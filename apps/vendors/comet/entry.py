"""CometAPI's entry in the registry."""

from apps.vendors.comet.client import Comet
from apps.vendors.comet.schema import OFFERS
from apps.vendors.comet.webhooks import parse_webhook
from apps.vendors.entries import VendorEntry

COMET = VendorEntry(offers=OFFERS, client=Comet, parse_webhook=parse_webhook)
