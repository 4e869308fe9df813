"""The stand-in for every receiver of signed webhooks: `/webhook/<host>/<path>`.

It checks what Standard Webhooks asks of a sender, and the signature where it is told
the secret.
"""
