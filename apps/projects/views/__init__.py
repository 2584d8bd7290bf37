"""The pages of the projects room."""
