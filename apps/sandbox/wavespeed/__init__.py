"""WaveSpeedAI's interface, server side (docs/vendor-contracts.md, sections 1 and 2.3)."""
