"""The link to the homes: the broker as a child process or a service, and the hub at it."""
