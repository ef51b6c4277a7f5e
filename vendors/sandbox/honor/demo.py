"""How to push to the simulated Honor as it starts."""

from vendors.sandbox.honor.apps import DEMO_APP
from vendors.sandbox.simulator import Demo


def demo() -> Demo:
    """See `Demo`."""
    return Demo(
        credential={
            "app_id": DEMO_APP.app_id,
            "client_id": DEMO_APP.client_id,
            "client_secret": DEMO_APP.client_secret,
            "package_name": "com.example.app",
        },
        registration_id="BAEAAAAAB.honor-token-0000000001",
    )
