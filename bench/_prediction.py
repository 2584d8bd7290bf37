"""A job as bench._vendor and bench._caller tell of it: WaveSpeed's prediction.

Source: docs/vendor-contracts.md, section 1.4.
"""

import time
from datetime import UTC, datetime


def prediction(job: dict) -> dict:
    """Return what the vendor says of a job now."""
    done = time.time() >= job["ends"]
    return {
        "id": job["id"],
        "model": "midjourney/image-to-video",
        "input": {"image": f"http://127.0.0.1/{job['id']}.jpg", "prompt": "Slow dolly in"},
        "outputs": [f"http://127.0.0.1:9/{job['id']}.mp4"] if done else [],
        "has_nsfw_contents": [False] if done else [],
        "status": "completed" if done else "processing",
        "created_at": datetime.fromtimestamp(job["created"], UTC).isoformat(),
        "error": "",
        "code": 0,
        "timings": {"inference": 1000},
    }
