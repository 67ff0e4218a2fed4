"""What the hub keeps: tables, the engine that opens them, and their migrations."""
