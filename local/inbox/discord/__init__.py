"""The Discord stand-in: the documented limits, answers and headers of its webhooks."""
