"""What `python -m app doctor` asks: everything `/ready` asks, deeper, and each with its remedy."""

from __future__ import annotations

import asyncio
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import col

from app import db
from app.config import settings
from app.errors import Misconfigured, Unavailable
from app.flag_cache import is_on
from app.flags import FLAGS
from app.integrations.bucket import wait_until_ready
from app.integrations.identity import identity_provider
from app.integrations.mail import mail_service
from app.integrations.queue import RedisError, queue_lengths
from app.integrations.redis import eviction_policy
from app.models.columns import now
from app.models.operations import WAITING_JOB_STATES, DeadLetter, Job
from app.services.audit import can_be_changed, last_verification
from app.services.flags import expired_flags
from app.services.operations.health import Check, check_database, readiness
from app.work import within

if TYPE_CHECKING:
    from app.views.health import Readiness

OLDEST_POSTGRES: Final = 180_000
EXTENSIONS: Final = frozenset({"cube", "pg_trgm", "unaccent"})
SLOW_HAND_OVER: Final = timedelta(minutes=1)
NEEDED_BYTES: Final = 500 * 2**20


def examine(checks: tuple[Check, ...] | None = None) -> Readiness:
    """Ask everything at once and return the answers; takes half a minute at most."""
    return asyncio.run(readiness(checks or CHECKS))


def _data_folder() -> str:
    folder = settings().data_folder
    if not folder.exists():
        return f"{folder} is made at the first start"
    free = shutil.disk_usage(folder).free // 2**20
    if free < NEEDED_BYTES // 2**20:
        raise Misconfigured(f"Only {free} MB are free in {folder}: make room, or move DATA_DIR.")
    return f"{folder}, {free} MB free"


def _database() -> str:
    given = settings()
    try:
        with db.engine().connect() as connection:
            version = connection.scalar(text("SELECT current_setting('server_version_num')::int"))
            found = set(connection.scalars(text("SELECT name FROM pg_available_extensions")))
    except OperationalError as problem:
        raise Unavailable(
            "The database does not answer: start the program with `make up`, or mend DATABASE_URL."
            if given.uses_development_services
            else "The database does not answer: check DATABASE_URL and that it may be reached."
        ) from problem
    if version is None or version < OLDEST_POSTGRES:
        raise Misconfigured("Postgres 18 or newer is needed: give DATABASE_URL of one.")
    if missing := EXTENSIONS - found:
        raise Misconfigured(f"Postgres lacks {', '.join(sorted(missing))}: install contrib.")
    return f"Postgres {version // 10_000}.{version % 10_000}, {check_database()}"


def _replica() -> str:
    if settings().database_replica_url is None:
        return "none; DATABASE_URL is read"
    try:
        with db.reading_engine().connect() as connection:
            behind = connection.scalar(
                text("SELECT extract(epoch FROM now() - pg_last_xact_replay_timestamp())")
            )
    except OperationalError as problem:
        raise Unavailable(
            "The replica does not answer: mend DATABASE_REPLICA_URL, or empty it."
        ) from problem
    return "answers" if behind is None else f"answers, {behind:.0f} s behind"


def _redis() -> str:
    try:
        policy = eviction_policy()
    except RedisError as problem:
        raise Unavailable(
            "Redis does not answer: start the program with `make up`, or mend REDIS_URL."
        ) from problem
    if policy not in {None, "noeviction"}:
        raise Misconfigured(
            f"Redis drops keys when it is full ({policy}): set maxmemory-policy to noeviction."
        )
    return "answers"


def _queues() -> str:
    try:
        lengths = queue_lengths()
    except RedisError as problem:
        raise Unavailable("The queues do not answer: mend QUEUE_URL (or REDIS_URL).") from problem
    return ", ".join(f"{name} {length}" for name, length in lengths.items()) + " waiting"


def _bucket() -> str:
    try:
        wait_until_ready()
    except Unavailable as problem:
        raise Unavailable(
            f"{problem.sentence} Check OBJECT_STORAGE_ENDPOINT, its keys and its bucket."
        ) from problem
    return "gives back what is put into it"


def _sign_in() -> str:
    given = settings()
    if given.sign_in_links and not given.has_provider:
        return "by links that are mailed"
    try:
        asyncio.run(identity_provider().begin(return_to=f"{given.public_url}/auth/callback"))
    except Unavailable as problem:
        raise Unavailable(f"{problem.sentence} Check EXTERNAL_AUTH_DOMAIN.") from problem
    return "the provider answers"


def _mail() -> str:
    given = settings()
    mail_service().check()
    if given.sendgrid_api_key is None:
        return "no SENDGRID_API_KEY: mails go to the mailbox page"
    return f"SendGrid at {given.sendgrid_base_url} takes the key"


def _background() -> str:
    late = now() - SLOW_HAND_OVER
    try:
        with db.open_session() as session:
            stuck = session.scalar(
                select(func.count()).where(
                    col(Job.state).in_(WAITING_JOB_STATES), col(Job.due_at) < late
                )
            )
            dead = session.scalar(select(func.count()).where(col(DeadLetter.settled_at).is_(None)))
    except DBAPIError as problem:
        raise Unavailable("The jobs cannot be read: see the database above.") from problem
    if stuck:
        raise Unavailable(
            f"{stuck} jobs are due for more than a minute: see that the scheduler runs "
            "(`python -m app scheduler`) and Redis answers."
        )
    return f"nothing is late; {dead} dead letters wait for a person"


def _flags() -> str:
    names = ", ".join(f"{flag.name} ({flag.expires}, {flag.owner})" for flag in expired_flags())
    if names:
        raise Misconfigured(
            f"These flags have expired: {names}. Take each out of the code, or give it a new date."
        )
    stopped = [flag.name for flag in FLAGS.values() if flag.refusal and is_on(flag)]
    return f"{len(FLAGS)}, none expired; kill switches on: {', '.join(stopped) or 'none'}"


def _audit() -> str:
    try:
        said = within(last_verification)
        changeable = within(can_be_changed)
    except (Unavailable, DBAPIError) as problem:
        raise Unavailable("The audit cannot be read: see the database above.") from problem
    if said and said.finding:
        raise Misconfigured(f"{said.sentence} See docs/audit.md for what to do.")
    guard = "a trigger alone: see docs/audit.md on two roles" if changeable else "role and trigger"
    when = f"verified {said.at:%Y-%m-%d %H:%M} UTC" if said else "not verified yet"
    return f"{when}; entries are guarded by {guard}"


CHECKS: Final = (
    Check("data folder", _data_folder, 5.0),
    Check("database", _database, 10.0),
    Check("replica", _replica, 10.0),
    Check("redis", _redis, 5.0),
    Check("queues", _queues, 5.0),
    Check("bucket", _bucket, 30.0),
    Check("sign-in", _sign_in, 15.0),
    Check("mail", _mail, 15.0),
    Check("background work", _background, 10.0),
    Check("feature flags", _flags, 10.0),
    Check("audit", _audit, 10.0),
)
