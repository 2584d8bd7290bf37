"""The one door out of the house, for addresses that somebody else wrote.

Every name is looked up once, every address of it is checked, and the connection goes to the checked
address. Proxies of the environment, cookies and passwords in URLs are not used; redirects are
checked like first addresses.
"""

from apps.core.outbound.dialling import Dialler, system_resolver
from apps.core.outbound.doors import async_client
from apps.core.outbound.errors import FetchError, FetchRefused, FetchTryLater, NotDialled
from apps.core.outbound.fetching import Downloaded, download
from apps.core.outbound.looking import look_at
from apps.core.outbound.places import place_of
from apps.core.outbound.posting import Posted, post

__all__ = [
    "Dialler",
    "Downloaded",
    "FetchError",
    "FetchRefused",
    "FetchTryLater",
    "NotDialled",
    "Posted",
    "async_client",
    "download",
    "look_at",
    "place_of",
    "post",
    "system_resolver",
]
