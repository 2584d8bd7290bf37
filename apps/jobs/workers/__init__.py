"""The work behind the counter: steps and passes that may be repeated at any point. Only tasks come in here.

A step takes one row one move further; a pass does so for whatever is due on one lane. Both look
where a row stands, and a step already taken is not taken again. None sleeps, and none holds a
transaction open while a vendor is thinking. The clocks in the rows say when somebody must come by
again; they are the only retry.
"""
