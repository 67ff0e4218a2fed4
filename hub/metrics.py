"""What the hub counts, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest


class Metrics:
    """The counters and gauges of one hub."""

    def __init__(self) -> None:
        """Start at nothing."""
        self._registry = CollectorRegistry()
        self._refused = Counter(
            "rtcc_messages_refused",
            "Messages from homes that were refused, by reason",
            ["reason"],
            registry=self._registry,
        )
        self._looks = Counter(
            "rtcc_looks", "Looks by outcome", ["outcome"], registry=self._registry
        )
        self._streams_ended = Counter(
            "rtcc_streams_ended",
            "Streams that ended, by reason",
            ["reason"],
            registry=self._registry,
        )
        self._log_doubted = Counter(
            "rtcc_log_doubted",
            "Times that a home said that the access log does not add up, by reason",
            ["reason"],
            registry=self._registry,
        )
        self._problems = Counter(
            "rtcc_http_problems",
            "HTTP requests that were answered by a problem, by its type",
            ["problem"],
            registry=self._registry,
        )
        self.broker_connected = Gauge(
            "rtcc_broker_connected", "1 while the hub hears its broker", registry=self._registry
        )
        self.store_writable = Gauge(
            "rtcc_store_writable", "1 while the store takes grants", registry=self._registry
        )
        self.log_writable = Gauge(
            "rtcc_log_writable", "1 while the access log can be written", registry=self._registry
        )
        self.log_size = Gauge("rtcc_log_size", "Entries of the access log", registry=self._registry)
        self.receipts_pending = Gauge(
            "rtcc_receipts_pending",
            "Receipts that homes have not acknowledged",
            registry=self._registry,
        )
        self.streams_running = Gauge(
            "rtcc_streams_running", "Streams that run", registry=self._registry
        )
        self.homes_online = Gauge(
            "rtcc_homes_online", "Homes that are online", registry=self._registry
        )
        self.cameras_live = Gauge(
            "rtcc_cameras_live", "Cameras that are live", registry=self._registry
        )

    def refused(self, reason: str) -> None:
        """Count one refused message."""
        self._refused.labels(reason).inc()

    def looked(self, outcome: str) -> None:
        """Count one look."""
        self._looks.labels(outcome).inc()

    def stream_ended(self, reason: str) -> None:
        """Count one stream that ended."""
        self._streams_ended.labels(reason).inc()

    def doubted(self, reason: str) -> None:
        """Count one home that says that the log does not add up."""
        self._log_doubted.labels(reason).inc()

    def answered(self, problem: str) -> None:
        """Count one HTTP request that was answered by a problem."""
        self._problems.labels(problem).inc()

    def text(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self._registry)
