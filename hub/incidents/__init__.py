"""Incidents: what a look is for."""
