"""The change feed: what the console knows, kept true as it changes."""
