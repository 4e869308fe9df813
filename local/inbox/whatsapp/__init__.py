"""WhatsApp's stand-in: the Cloud API's messages, with windows, templates and limits.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages
"""
