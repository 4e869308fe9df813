"""Bad input to every route: a 4xx that names field and reason, and nothing changes."""
