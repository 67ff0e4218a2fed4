"""Homes that enrolled: the CA, the codes, and who is known by which key."""
