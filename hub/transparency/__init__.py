"""The access log: an append-only Merkle log of every look and every operator's act."""
