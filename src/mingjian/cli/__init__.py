"""The command line: each module holds the commands of one noun."""

from mingjian.cli.main import app, main

__all__ = ["app", "main"]
