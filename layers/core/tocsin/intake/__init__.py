"""Intake: what others send becomes events. One module per foreign payload.

    read_request (http)           headers and body of `POST /v1/events`
      native · cloudevents        our own form; CloudEvents 1.0 in its three bindings
    read_notification (sns)       what SNS hands to a Lambda function
      cloudwatch (· measurement)  alarms
      native · cloudevents        in a message's text
    reading · faults · trimming   bytes to JSON; refusals in words; cutting to size

A sender who can be answered is answered: what is wrong raises `Refused`, with field and
reason. Behind SNS nobody listens, so there nothing is refused for its content: what
no adapter knows becomes a readable notice.

To add an adapter, write two files and a line:

1. `intake/<name>.py` with a function from the parsed JSON to a `Received` (or to an
   `Event`). Take every foreign field as optional and of any type; cut what you take
   with `trimming`; give a problem and its end the same `fingerprint`.
2. `events/<source>-<case>.json`, a whole payload as it really arrives: the tests read
   every file there, and `sam local invoke` takes it as it is.
3. The line that calls it: in `http.READERS` under its content type, or in
   `sns.READERS` if it comes in the text of an SNS message.
"""
