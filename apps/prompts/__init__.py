"""The prompt library: prompts and their versions."""
