"""Orders: one on its page, all of them in a list."""
