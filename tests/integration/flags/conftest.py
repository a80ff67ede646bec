"""The neighbours' fixtures that kill switches are tried with."""

from __future__ import annotations

from tests.integration.accounts.conftest import port
from tests.integration.feeds.conftest import feed_id, records, supplier
from tests.integration.ordering.conftest import drain, queues, twin

__all__ = ["drain", "feed_id", "port", "queues", "records", "supplier", "twin"]
