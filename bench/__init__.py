"""One script per figure the project claims, each beside its rival."""
