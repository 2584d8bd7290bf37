"""The one door out of the house, for addresses that somebody else wrote.

Every name is looked up once, every address of it is checked, and the connection goes to the checked
address. Proxies of the environment, cookies and passwords in URLs are not used; redirects are
checked like first addresses.
"""

from apps.core.outbound.address_check import check_address
from apps.core.outbound.dialling import Dialler, system_resolver
from apps.core.outbound.errors import FetchError, FetchRefused, FetchTryLater, NotDialled
from apps.core.outbound.fetching import Downloaded, download
from apps.core.outbound.posting import Posted, post
from apps.core.outbound.transport import async_client
from apps.core.outbound.urls import parse_url

__all__ = [
    "Dialler",
    "Downloaded",
    "FetchError",
    "FetchRefused",
    "FetchTryLater",
    "NotDialled",
    "Posted",
    "async_client",
    "check_address",
    "download",
    "parse_url",
    "post",
    "system_resolver",
]
