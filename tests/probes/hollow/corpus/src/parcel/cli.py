"""The command line."""

import click

from .model import train


@click.group()
def main():
    pass


@main.command()
@click.argument("path")
def fit(path):
    train(path)
