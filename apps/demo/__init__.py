"""The demo team of a new installation: people, projects, pictures, prompts and first jobs."""
