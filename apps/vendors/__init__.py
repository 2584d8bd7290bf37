"""The only door to the vendors: our words on this side, theirs on the other."""
