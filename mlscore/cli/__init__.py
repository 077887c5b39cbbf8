"""The command line: a lazy click group, a file per command."""


def main() -> None:
    """Run the `mlscore` command."""
