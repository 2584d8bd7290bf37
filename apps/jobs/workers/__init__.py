"""The steps and passes that background workers run, each safe to repeat. Only tasks call them.

A step takes one row one move further; a pass does so for everything that is due on one lane. Both
check the row's state first: a step that was taken is not taken again. None sleeps, and none holds a
transaction open while a vendor is asked. The times in the rows say when a row is due again; there
is no other retry.
"""
