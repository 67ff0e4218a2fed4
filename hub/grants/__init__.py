"""What homes grant right now: intake from the broker, the live set, and its spatial index."""
