"""How to push to the simulated OPPO as it starts."""

from vendors.sandbox.oppo.apps import DEMO_APP
from vendors.sandbox.simulator import Demo


def demo() -> Demo:
    """See `Demo`."""
    return Demo(
        credential={"app_key": DEMO_APP.app_key, "master_secret": DEMO_APP.master_secret},
        registration_id="CN_00112233445566778899aabbccddeeff",
        channel_id="chat",
    )
