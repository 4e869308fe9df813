"""PagerDuty's stand-in: Events API v2, with alerts that open, update and resolve.

https://developer.pagerduty.com/docs/events-api-v2-overview
"""
