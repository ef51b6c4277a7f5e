"""The `pushsvc` command."""

from pushsvc.cli.root import main

__all__ = ["main"]
