"""WaveSpeedAI's contract from the vendor's side (vendor contracts, sections 1 and 2.3)."""
