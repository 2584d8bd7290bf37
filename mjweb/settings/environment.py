"""The environment and the data folder, which all other settings use."""

from pathlib import Path

from mjweb.env import ROOT, read_env

__all__ = ["DATA", "ENV", "ROOT"]

ENV = read_env()
DATA: Path = ENV.data.resolve()
