"""The stand-in for mail servers: SMTP on loopback, mails as a mail program shows them.

It takes any login and any recipient. A mailbox of the inbox is the first recipient.
"""
