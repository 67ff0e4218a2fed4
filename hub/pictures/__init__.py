"""Pictures: for minutes in memory, longer only if an operator attaches one to its incident."""
