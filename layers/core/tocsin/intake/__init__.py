"""Intake: what others send becomes events. One module per foreign payload.

    read_request (http)           headers and body of `POST /v1/events`
      native · cloudevents        our own form; CloudEvents 1.0 in its three bindings
    read_notification (sns)       what SNS hands to a Lambda function
      cloudwatch (· measurement)  alarms
      native · cloudevents        in a message's text
    reader_of (hooks)             the body of `POST /v1/hooks/{adapter}`, by its adapter
      alertmanager … uptime_kuma  one module a tool; `ADAPTERS` lists them
    read_invocation (eventbridge) a rule's event, an alarm's own action
      alarm_events · aws_*        alarms in the form of SNS; AWS's other events
    demands · drafts · options    what must be there; an event of the rest; settings
    dressing                      the words of known types, wrong data refused
    reading · faults · trimming   bytes to JSON; refusals in words; cutting to size

A sender who can be answered is answered: what is wrong raises `Refused`, with field and
reason. Behind SNS nobody listens, so there nothing is refused for its content: what
no adapter knows becomes a readable notice.

To add an adapter, write two files and a line:

1. `intake/<name>.py` with `read(call: Call) -> Batch`. Ask with `demands` for the few
   things without which it is another payload; take every other field as optional and of
   any type, and let `drafts.draft` cut it. Give a problem and its end one fingerprint.
   What the tool sends and nobody needs to hear is `batch.nothing(reason)`.
2. `events/hooks-<adapter>-<case>.json`, a whole request as it really arrives: the tests
   read every file there, as it is and broken, and `sam local invoke` takes it.
3. The line in `hooks.ADAPTERS` (for AWS's own events: in a `READERS` of `aws_*`; for
   the text of an SNS message: in `sns.READERS`).
"""
