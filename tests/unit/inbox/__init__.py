"""The inbox: its rules, its control API, its front door and its page."""
