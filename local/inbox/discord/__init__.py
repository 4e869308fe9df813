"""The Discord stand-in: the documented limits, answers and headers of its webhooks.

Reading order: `routes` admits a call, `payload` and the modules beside it check it,
`actions` does it, `pacing` says when there were too many.
"""
