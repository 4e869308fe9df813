"""The rules: pure functions over (event, configuration, memory, now)."""
