"""How to push to the simulated Huawei as it starts."""

from vendors.sandbox.huawei.apps import DEMO_APP
from vendors.sandbox.simulator import Demo


def demo() -> Demo:
    """See `Demo`."""
    return Demo(
        credential={
            "app_id": DEMO_APP.app_id,
            "app_secret": DEMO_APP.app_secret,
            "package_name": "com.example.app",
        },
        registration_id="AAAAAhuawei-token-0000000001",
        channel_id="chat",
    )
