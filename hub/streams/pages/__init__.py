"""The page that shows one camera, and the modules that it shares with the console."""
