"""The dashboard: answers, and on a phone the ways to the rooms."""
