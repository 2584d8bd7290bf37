"""Where a browser remembers which invitation it was opened with, until somebody has signed in."""

INVITED = (
    # the key in the session; its value is the invitation's public number, never its secret
    "invitation"
)
