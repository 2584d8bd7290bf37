"""The pages of the jobs room, and the files of its clips."""
