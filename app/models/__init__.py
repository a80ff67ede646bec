"""Tables and state names; importing this package registers every table."""

from app.models import accounts, catalogue, feeds, operations, ordering

__all__ = ["accounts", "catalogue", "feeds", "operations", "ordering"]
