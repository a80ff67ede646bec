"""What can be wrong with a feed as a whole, each one of the program's own errors.

| error           | is a        | means                                                         |
|-----------------|-------------|---------------------------------------------------------------|
| FeedUnreachable | Unavailable | no answer, 429 or 5xx after every retry; later it may work    |
| FeedRefused     | BadInput    | the supplier says no: wrong address, key or password          |
| FeedMissing     | FeedRefused | 404 or 410: there is nothing at this address                  |
| FeedMalformed   | BadInput    | an answer came, and it is not what the feed's settings promise |
"""

from __future__ import annotations

from app.errors import BadInput, Unavailable


class FeedUnreachable(Unavailable):
    """The supplier's system did not answer, or only with 429 or 5xx."""


class FeedRefused(BadInput):
    """The supplier's system refuses us with a 4xx; somebody has to correct the feed."""


class FeedMissing(FeedRefused):
    """The supplier's system has nothing at the address."""


class FeedMalformed(BadInput):
    """What came back cannot be read as this feed."""
