"""How to push to the simulated HarmonyOS as it starts."""

from vendors.sandbox.harmonyos.apps import DEMO_APP
from vendors.sandbox.simulator import Demo


def demo() -> Demo:
    """See `Demo`."""
    return Demo(
        credential={"project_id": DEMO_APP.project_id, "service_account": DEMO_APP.service_account},
        registration_id="MAMz.harmonyos-token-0000000001",
    )
