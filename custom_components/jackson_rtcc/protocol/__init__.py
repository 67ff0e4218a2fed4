"""The wire between a home and the hub: encode, decode, verify. No I/O and no clock of its own."""
