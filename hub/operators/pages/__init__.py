"""The few pages by which operators get in: sign-in, join, and one's own account."""
