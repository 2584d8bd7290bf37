"""HTTP to addresses that somebody else wrote: every request of this kind goes through here.

Every name is resolved once, every address of it is checked, and the connection goes to the checked
address. Proxies from the environment, cookies and passwords in URLs are not used. Redirects are
checked like first addresses.
"""

from apps.core.outbound.address_check import check_address
from apps.core.outbound.dialling import Dialler, system_resolver
from apps.core.outbound.downloading import Download, download
from apps.core.outbound.errors import AddressRefused, FetchError, FetchRefused, FetchTryLater
from apps.core.outbound.posting import PostResult, post
from apps.core.outbound.transport import async_client
from apps.core.outbound.urls import parse_url

__all__ = [
    "AddressRefused",
    "Dialler",
    "Download",
    "FetchError",
    "FetchRefused",
    "FetchTryLater",
    "PostResult",
    "async_client",
    "check_address",
    "download",
    "parse_url",
    "post",
    "system_resolver",
]
