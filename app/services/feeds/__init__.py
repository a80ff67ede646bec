"""Feeds: registering them, and keeping the catalogue as the suppliers say it is."""

from app.services.feeds.demo import seed_demo
from app.services.feeds.pull import pull_feed
from app.services.feeds.queries import feed_id_of, list_feeds, show_feed, show_run
from app.services.feeds.register import register_feed
from app.services.feeds.request import request_sync
from app.services.feeds.runs import run_gave_up
from app.services.feeds.schedule import fire_due_feeds
from app.services.feeds.tidy import gives_way, tidy_index, vacuum

__all__ = [
    "feed_id_of",
    "fire_due_feeds",
    "gives_way",
    "list_feeds",
    "pull_feed",
    "register_feed",
    "request_sync",
    "run_gave_up",
    "seed_demo",
    "show_feed",
    "show_run",
    "tidy_index",
    "vacuum",
]
