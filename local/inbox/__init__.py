"""The inbox: strict stand-ins for the providers, and a page that shows what people saw.

Reading order: `store` keeps what arrived, `quotas` and `faults` are pure rules that
every provider uses, `discord/` is one provider, `control` is the API for programs,
`page` the one for people, `front_door` a clean address for the local API, `app` puts
them together. A further provider is one more package beside `discord/` and one line
in `app`.
"""
