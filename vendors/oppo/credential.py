"""OPPO's credential, and which registration ids belong to it.

Source: OPPO open platform, page 11235 for the hosts and the regions of registration ids.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from vendors.contract import CredentialField, check_credential

MAINLAND = "cn"
OVERSEAS = "intl"
HOSTS = {
    MAINLAND: "https://api-push-cn.heytapmobi.com",
    OVERSEAS: "https://api-intl.push.oppomobile.com",
}
REGION_NAMES = {MAINLAND: "a mainland", OVERSEAS: "an overseas"}

# Optional brand and region, then 32 hex digits; 24 bare ones are of an older client.
REGISTRATION_ID = re.compile(r"(?:(?:[0-9A-Za-z]{2,10}_)?[0-9A-Za-z-]{2,10}_)?[0-9A-Fa-f]{32}|[0-9A-Fa-f]{24}")

CREDENTIAL_FIELDS = (
    CredentialField(
        name="app_key",
        label="AppKey",
        help="OPPO open platform, Push, your app, Configuration: AppKey",
        pattern=r"\S{1,128}",
    ),
    CredentialField(
        name="master_secret",
        label="MasterSecret",
        help="same page: MasterSecret, which signs for servers (not AppSecret, which is for the app)",
        secret=True,
        pattern=r"\S{1,128}",
    ),
    CredentialField(
        name="app_id",
        label="AppId",
        help="same page: AppId; only compared with the one in receipts",
        required=False,
        pattern=r"\S{1,128}",
    ),
    CredentialField(
        name="region",
        label="Region",
        help="cn (default) for phones in mainland China, intl for all others",
        required=False,
        pattern=f"{MAINLAND}|{OVERSEAS}",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OppoCredential:
    """What one app has at OPPO.

    Attributes:
        app_key: AppKey.
        master_secret: MasterSecret; never printed.
        app_id: AppId; empty if unknown.
        region: "cn" or "intl"; each has its own host, access tokens and registration ids.
    """

    app_key: str
    master_secret: str = field(repr=False)
    app_id: str = ""
    region: str = MAINLAND

    @property
    def host(self) -> str:
        """Root of every URL."""
        return HOSTS[self.region]


def parse_credential(raw: Mapping[str, str]) -> OppoCredential:
    """The typed credential.

    Raises:
        InvalidCredential: naming every faulty field, never its value.
    """
    check_credential(raw, CREDENTIAL_FIELDS)
    return OppoCredential(
        app_key=raw["app_key"],
        master_secret=raw["master_secret"],
        app_id=raw.get("app_id", ""),
        region=raw.get("region") or MAINLAND,
    )


def check_registration_id(credential: OppoCredential, registration_id: str) -> str:
    """What is wrong with a registration id of this app, in words; empty if it is well formed."""
    if not REGISTRATION_ID.fullmatch(registration_id):
        return "is not an OPPO registration id: that is 32 hex digits, mostly after a prefix such as CN_ or OPPO_CN_"
    region = region_of(registration_id)
    if region != credential.region:
        return f"is {REGION_NAMES[region]} id; this cert is for region {credential.region}"
    return ""


def region_of(registration_id: str) -> str:
    """The region in which a well-formed registration id lives.

    Source: page 11235: split at the underscores; mainland is one part, `CN_…` or `<brand>_CN_…`.
    """
    *prefix, _ = registration_id.split("_")
    return MAINLAND if not prefix or prefix[-1] == "CN" else OVERSEAS
