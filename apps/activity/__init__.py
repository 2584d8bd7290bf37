"""Events: the log, the live stream, notifications and webhooks."""
