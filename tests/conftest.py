"""Fixtures that more than one test module uses."""

pytest_plugins = ["tests.swift"]
