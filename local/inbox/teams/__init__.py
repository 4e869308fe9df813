"""The stand-in for Teams: workflows that take adaptive cards, `/teams/<host>/<path>`.

https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
"""
