"""How to push to the simulated Meizu as it starts."""

from vendors.sandbox.meizu.apps import DEMO_APP
from vendors.sandbox.simulator import Demo


def demo() -> Demo:
    """See `Demo`."""
    return Demo(
        credential={"app_id": DEMO_APP.app_id, "app_secret": DEMO_APP.app_secret},
        registration_id="RA50c6348036343010d63600000000000000000001",
    )
