"""Feature flags: which there are, for whom each is on, and changing that.

Whether one is on is asked of `app.flag_cache`, where it costs no query.
"""

from __future__ import annotations

from app.services.flags.change import FLAGS_TOPIC, change_flag
from app.services.flags.queries import expired_flags, list_flags

__all__ = ["FLAGS_TOPIC", "change_flag", "expired_flags", "list_flags"]
