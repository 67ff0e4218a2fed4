"""The tests: a package, because a dependency of the hub installs another `tests`."""
