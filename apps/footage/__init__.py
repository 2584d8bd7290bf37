"""Picture and video files: decode, check, measure, shrink and join them."""
