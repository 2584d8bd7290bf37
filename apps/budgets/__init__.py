"""Money: what things cost, what was held and charged, and how much may be spent."""
