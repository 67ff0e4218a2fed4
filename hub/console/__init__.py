"""The console: the operators' screen, and what it needs of the hub."""
