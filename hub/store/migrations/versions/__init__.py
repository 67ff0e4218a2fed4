"""The steps that bring the tables from one version of the hub to the next."""
