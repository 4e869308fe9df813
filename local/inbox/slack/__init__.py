"""The Slack stand-in: incoming webhooks and the few API methods that a sender calls.

Reading order: `routes` admits a call, `payload` and `blocks` check what it says,
`actions` does it, `pacing` says when there were too many.
"""
