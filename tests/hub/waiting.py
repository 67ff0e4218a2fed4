"""How long the hub's tests wait for anything."""

LIMIT = 15.0
"""Seconds after which something that was waited for is believed never to come."""
