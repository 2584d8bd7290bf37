"""The code that background workers run; each step is safe to repeat."""
