"""Streams: live video, peer to peer, by WHEP over the one access path."""
