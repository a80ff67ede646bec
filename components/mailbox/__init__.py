"""The mailbox: every mail as it would arrive."""
