"""Tocsin's client: tell what happened; never block, never raise, count what is lost."""
