"""How to push to the simulated Xiaomi as it starts."""

from vendors.sandbox.simulator import Demo
from vendors.sandbox.xiaomi.apps import DEMO_APP


def demo() -> Demo:
    """See `Demo`."""
    return Demo(
        credential={"package_name": DEMO_APP.package_name, "app_secret": DEMO_APP.app_secret},
        registration_id="d1igwEhgBGCI2TG6lWqlOgLgz0w1qKzDAZ5J5UNWjA8=",
        channel_id="100001",
    )
