"""Workers that turn events into notices, mails and webhook deliveries; each step is repeatable."""
