"""Dense: documents compressed against words that most of them hold.

A row of more than a kilobyte costs twice as much at every write. Alone, an event of
that size hardly shrinks; against a dictionary of what events are made of, by half.
"""

from __future__ import annotations

from typing import cast

from isal import isal_zlib

# Rows are read with the dictionary they were written with: this one never changes. A
# better one takes another number, and so another attribute. What is met most often
# stands last, since near matches are the cheapest.
_ONE = (
    b'","inline":false}],"links":[{"label":"Runbook","url":"https://'
    b'"data":{"previous_state":"OK","value":0,"threshold":0},"progress":"ttl":'
    b'"mentions":["@everyone"],"attachments":[{"name":"","format":"markdown",'
    b'"look":{"icon":"","colour":,"footer":"","banner":"","ack_required":true,'
    b'{"name":"Description","value":"{"name":"Region","value":"us-east-1"},'
    b'{"name":"Account","value":"eu-central-1eu-west-1ap-southeast-2'
    b'{"name":"Evaluated","value":"1 of 1 datapoints in 5 min"},'
    b'{"name":"Metric","value":"{"name":"Value","value":"'
    b'"url":"https://console.aws.amazon.com/cloudwatch/home?region=eu-central-1'
    b'#alarmsV2:alarm/"},{"label":"Open alarm","url":"https://'
    b'"labels":{"alarm":"","namespace":"AWS/","metric":"","region":"us-east-1",'
    b'"account":"","service":"","env":"production","instance":"","job":"",'
    b'"fingerprint":"arn:aws:cloudwatch:us-east-1:","branch":"production",'
    b'"thread":""source":"aws.cloudwatch","occurred_at":"2026-11-'
    b'"severity":"low","severity":"medium","severity":"high","severity":"critical",'
    b'"severity":"success","state":"resolved","state":"firing","fields":[{"name":"'
    b" was not greater than the threshold ()."
    b" of the last 3 datapoints [ were less than the threshold ()."
    b'{"type":"aws.cloudwatch.alarm","title":" is OK again is in ALARM","message":"'
    b'["ingest","",[["fingerprint","a new problem"],["route ","passed over: severity '
    b'critical is at least high is not at least high; looks further"],'
    b'["fingerprint","a notice: told each time"],["route everything",'
    b'"taken: it asks for nothing in particular \xe2\x86\x92 '
)
ATTRIBUTE = "d1"


# By its own types the class is an exception, and no class.
Damaged = cast("type[Exception]", isal_zlib.error)


def pack(whole: bytes) -> bytes:
    """Compressed with the present dictionary, as any zlib reads it: by the processor's
    wide instructions, in a fifth of zlib's own time."""
    press = isal_zlib.compressobj(1, zdict=_ONE)
    return press.compress(whole) + press.flush()


def unpack(dense: bytes) -> bytes:
    """The reverse. Raises `Damaged`."""
    return isal_zlib.decompressobj(zdict=_ONE).decompress(dense)
