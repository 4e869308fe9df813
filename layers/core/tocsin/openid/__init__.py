"""OpenID Connect: people who sign in elsewhere, and what their tokens allow here.

    tokens      a signed token, read and not yet believed
    claims      what it must say to be for us, who it names, which scopes that gives
    signatures  whether a published key made its signature
    provider    the issuer: its addresses and its keys, asked for and remembered
    cognito     what user pools do otherwise than the standard says
    people      all of these in turn: from a token to who is calling

Imported when a token comes, or the console asks where to sign in: never at start.
"""
