"""What our processes count, for Prometheus. docs/metrics.md explains each; `--metrics` shows them."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

SECONDS: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
REQUESTS: Final = (1, 2, 4, 8, 16, 32, 64)

ANSWERS = Histogram(
    "balie_answer_seconds", "Requests of hot paths, by what and status", ["what", "status"], buckets=SECONDS
)
PAGES = Histogram("balie_page_seconds", "Pages, by view and status", ["view", "status"], buckets=SECONDS)
BATCHES = Histogram("balie_batch_seconds", "Transactions of the batcher, commit included", ["topic"], buckets=SECONDS)
BATCHED = Histogram("balie_batch_requests", "Requests that share a transaction", ["topic"], buckets=REQUESTS)
STREAMS = Gauge("balie_streams", "Open streams", multiprocess_mode="livesum")
MAILS = Counter("balie_mails", "Tries to send a mail, by what became of them", ["outcome"])
MAILS_DUE = Gauge("balie_mails_due", "Mails that could leave and were not taken", multiprocess_mode="livemax")
MAIL_AGE = Gauge("balie_mail_age_seconds", "How long the oldest of these has waited", multiprocess_mode="livemax")
CLOCK_STILL = Gauge("balie_clock_still", "1 while the service clock stands still", multiprocess_mode="livemax")
