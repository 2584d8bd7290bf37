"""CometAPI's interface, server side (docs/vendor-contracts.md, section 3).

An extension is a job of its own: four seconds that begin with the last frame of a parent's clip.
The result is these four seconds alone.
"""
