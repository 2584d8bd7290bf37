"""Steps that turn events into notices, mails and webhook deliveries, each safe to repeat."""
