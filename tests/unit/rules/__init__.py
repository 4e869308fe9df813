"""What docs/rules.md promises, a file to a section of it."""
