"""The gazetteer: addresses and names of places that a city loads, for operators to search."""
