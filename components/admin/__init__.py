"""The administration page: answers first, then what they are about."""
