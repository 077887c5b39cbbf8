"""What tests of every room share: pytest's own tester for plugins."""

pytest_plugins = ["pytester"]
