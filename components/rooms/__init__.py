"""Draws rooms of the administration, whichever they are: nothing here knows one in particular."""
