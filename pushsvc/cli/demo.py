"""`pushsvc demo`: one notification, end to end, in a few seconds."""

from __future__ import annotations


def demo() -> None:
    """Send one notification from a real service to a pretend phone, and show what arrived."""
    # Here, so that no other command waits for the libraries of the sandbox.
    from pushsvc.cli.demo_story import run_demo  # noqa: PLC0415 - said above

    run_demo()
