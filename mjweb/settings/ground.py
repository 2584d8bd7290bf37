"""What the other settings stand on: the environment, and where data lies."""

from pathlib import Path

from mjweb.env import ROOT, read_env

__all__ = ["DATA", "ENV", "ROOT"]

ENV = read_env()
DATA: Path = ENV.data.resolve()
