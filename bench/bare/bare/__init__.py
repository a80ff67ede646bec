"""The least that Reflex can be: what ours adds is measured against it."""
