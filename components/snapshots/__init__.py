"""Snapshots: the list, one of them, and asking for one."""
