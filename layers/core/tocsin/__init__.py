"""Tocsin: an event comes in and is decided into deliveries; a delivery is sent once
by a channel; what cannot be sent is kept and can be sent again.

Read in this order: `events` (what senders say), `notification` and `delivery` (what we
remember), `message` (what people read), then the use cases `accept`, `deliver`,
`sweep`, `replay`, `acknowledge`. Everything those need from outside stands in `ports`.
"""

__version__ = "0.1.0"
