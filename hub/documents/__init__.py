"""The city's rules as data: the waiver and the policy, packaged ones or the city's own."""
