"""How to push to the simulated vivo as it starts."""

from vendors.sandbox.simulator import Demo
from vendors.sandbox.vivo.apps import DEMO_APP


def demo() -> Demo:
    """See `Demo`."""
    return Demo(
        credential={
            "app_id": DEMO_APP.app_id,
            "app_key": DEMO_APP.app_key,
            "app_secret": DEMO_APP.app_secret,
            "package_name": "com.example.app",
        },
        registration_id="16000000000000000000001",
    )
