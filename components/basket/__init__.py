"""The basket and the form that turns it into an order."""
