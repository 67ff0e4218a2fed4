"""Registrations: residents ask to lend cameras, the city answers with a one-time code."""
