"""The console in a real browser, over the operate API and fakes."""
