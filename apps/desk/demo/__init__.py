"""What a newcomer finds on the first day: drawn scenes and written texts, all our own."""
