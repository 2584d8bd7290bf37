"""The library of prompts, versioned."""
