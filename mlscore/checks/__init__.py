"""Checks that run against the project's data, models, pipelines and servers; each is a plain function as well."""
