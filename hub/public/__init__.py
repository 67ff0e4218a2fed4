"""Pages for everybody: what they share, in English and Spanish."""
