"""Pieces of the page that compares two snapshots."""
