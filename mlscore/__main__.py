"""`python -m mlscore` is the `mlscore` command."""

from mlscore.cli import main

if __name__ == "__main__":
    main()
