"""Who asks: operators, and machines with API tokens."""
