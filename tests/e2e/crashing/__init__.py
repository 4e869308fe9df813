"""Processes that are killed on their way, and others that take over."""
