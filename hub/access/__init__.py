"""Looks: the one path from an operator's ask to a camera's picture."""
