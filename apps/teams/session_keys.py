"""Keys of the session: the chosen team, and the invitation that a browser was opened with."""

TEAM_KEY = "team"  # the number of the team that this browser works in
# The public id of the invitation, never its secret; kept until somebody has signed in.
INVITATION_KEY = "invitation"
