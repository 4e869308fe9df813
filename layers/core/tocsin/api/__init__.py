"""The operate API: each resource's operations, served and documented from one list.

    gateway      an HTTP API's event, matched to an operation
    answering    admits the caller, judges query and body, runs, words what went wrong
    operation    what an operation is
    openapi      the list as a document; `docs_page` shows it
    notifications dead_letters configuration destinations event_types silences sources
    service      the operations, by resource

To add a call: an `Operation` in its resource's list, and a shape for what it returns.
"""
