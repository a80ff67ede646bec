"""How states look wherever they are shown: a tone of the kit, and the icon that says the same."""

from __future__ import annotations

from typing import Final

# Tone, icon.
Look = tuple[str, str]

ORDER_LOOKS: Final[dict[str, Look]] = {
    "pending": ("neutral", "clock"),
    "processing": ("info", "loader"),
    "completed": ("good", "check-check"),
    "failed": ("bad", "circle-alert"),
    "abandoned": ("bad", "circle-x"),
    "cancelled": ("neutral", "ban"),
}
DISPATCH_LOOKS: Final[dict[str, Look]] = {
    "queued": ("neutral", "clock"),
    "sending": ("info", "loader"),
    "sent": ("info", "send"),
    "delivered": ("good", "mail-check"),
    "confirmed": ("good", "check-check"),
    "shipped": ("good", "truck"),
    "bounced": ("bad", "mail-x"),
    "declined": ("bad", "circle-x"),
    "failed": ("bad", "mail-x"),
    "unsure": ("warn", "circle-help"),
    "cancelled": ("neutral", "ban"),
}
SNAPSHOT_LOOKS: Final[dict[str, Look]] = {
    "queued": ("neutral", "clock"),
    "capturing": ("info", "loader"),
    "stored": ("good", "check"),
    "notified": ("good", "mail-check"),
    "failed": ("bad", "circle-alert"),
    "cancelled": ("neutral", "ban"),
}
