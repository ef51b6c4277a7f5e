"""Phones of every make, and what each maker says when something is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from pushsvc.v1 import cert_pb2
from tests.conftest import Service
from vendors.sandbox.simulator import installed

# vivo refuses what looks like a test message.
TITLE = "小红：今晚火锅？"
BODY = "老地方，七点见"


@dataclass(frozen=True)
class Make:
    """One make.

    Attributes:
        registration_id: how the maker's ids look; `{}` is a number.
        dead: what it answers about an id that is dead.
        throttled: what it answers when there are too many calls.
        click_actions: the fields of ClickAction that it can do.
        signs_in: it gives access tokens, which can expire.
    """

    registration_id: str
    dead: int
    throttled: int
    click_actions: Mapping[str, object]
    signs_in: bool = True

    def phone(self, number: int) -> str:
        """The registration id of one phone."""
        return self.registration_id.format(number)


CLICKS: Mapping[str, object] = {
    "open_app": True,
    "url": "https://example.com/chat?id=1",
    "activity": "com.example.app.ChatActivity",
    "intent_action": "com.example.app.OPEN",
    "intent_uri": "exampleapp://chat?id=1",
}

MAKES = {
    "oppo": Make("CN_{:032x}", 10000, 13, CLICKS),
    "xiaomi": Make("{:044d}", 20301, 10022, CLICKS, signs_in=False),
    "vivo": Make("{:022d}", 10302, 10072, CLICKS),
    "meizu": Make(
        "RA50c6348036343010d636{:020d}",
        110002,
        110010,
        {name: value for name, value in CLICKS.items() if name != "intent_action"},
        signs_in=False,
    ),
    "harmonyos": Make(
        "MAMz.harmonyos-token-{:010d}",
        80300007,
        503,
        {name: CLICKS[name] for name in ("open_app", "intent_action", "intent_uri")},
        signs_in=False,
    ),
    "huawei": Make("AAAAAhuawei-token-{:010d}", 80300007, 503, CLICKS),
    "honor": Make("BAEAAAAAB.honor-token-{:010d}", 80300007, 429, CLICKS),
}


async def host(service: Service, vendor: str) -> int:
    """Hosts the app that a maker's simulator has from the start; the cert's id."""
    demo = installed()[vendor].demo()
    return await service.host(
        cert_pb2.Cert(
            app_id="im",
            vendor=vendor,
            credential=demo.credential,
            base_url=f"{service.sandbox.url}/{vendor}",
            defaults=cert_pb2.CertDefaults(channel_id=demo.channel_id),
        )
    )


async def host_with_phones(service: Service, vendor: str, count: int) -> Mapping[str, str]:
    """Hosts a maker's app with so many users, each with one phone: user to registration id."""
    cert_id = await host(service, vendor)
    users = {f"user-{number}": MAKES[vendor].phone(number) for number in range(1, count + 1)}
    await asyncio.gather(*(service.register(user, cert_id, phone) for user, phone in users.items()))
    return users
