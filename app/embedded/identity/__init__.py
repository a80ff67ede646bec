"""A small OIDC provider for development: whoever opens it chooses whom to sign in as."""
