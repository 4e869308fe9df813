"""The local stack: its runner and the inbox that stands in for the providers."""
