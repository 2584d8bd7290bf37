"""Words for templates about teams."""
