"""The hub's HTTP API: one table of routes that validates, answers and describes itself."""
