"""The whole path with real processes: `script/demo` shows it, the end-to-end tests drive it."""
