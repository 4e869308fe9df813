"""Telegram's stand-in: what of the Bot API a sender needs, as strict as Telegram.

https://core.telegram.org/bots/api
"""
