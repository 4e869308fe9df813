"""Stand-ins for two of Apprise's services: any ntfy server, and Pushover.

https://docs.ntfy.sh/publish/
https://pushover.net/api
"""
