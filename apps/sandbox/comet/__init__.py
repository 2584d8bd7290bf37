"""CometAPI's contract from the vendor's side: midjourney-proxy behind a gateway (vendor contracts, section 3).

An extension is a job of its own: four seconds that go on from the last frame of one of its parent's
clips. What comes back is these four seconds alone, not the longer film.
"""
