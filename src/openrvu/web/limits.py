"""How much one asker may ask of the API: a bucket of tokens an address, and no longer an address than any page has.

The bucket keeps one runaway script from starving the pages. It is not a defence against many machines: the server
listens on this one, and elsewhere a proxy stands before it.
"""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

from openrvu.errors import OpenRVUError

RATE, BURST = 100.0, 2_000.0  # requests a second in the long run, and at once
LONGEST = 8_192  # bytes of path and query
MOST = 1_024  # addresses remembered


@dataclass
class Bucket:
    """What is left to one asker. at: when it was counted, in seconds of a clock that never goes back."""

    left: float
    at: float


class ApiLimits:
    """Refuses, in the one error shape, what asks too often (429) or at too long an address (414), under `prefix`."""

    def __init__(self, app: ASGIApp, prefix: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.app, self.prefix, self.clock = app, prefix, clock
        self.buckets: OrderedDict[str, Bucket] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(self.prefix):
            await self.app(scope, receive, send)
            return
        length = len(scope["raw_path"]) + len(scope["query_string"])
        if length > LONGEST:
            fault = OpenRVUError(f"the address has {length:,} bytes", fix=f"Give {LONGEST:,} at most")
            await _refuse(send, 414, fault)
        elif not self._take((scope.get("client") or ("", 0))[0]):
            fault = OpenRVUError(
                "too many requests", exists=f"{RATE:g} a second in the long run", fix="Wait a second and go on"
            )
            await _refuse(send, 429, fault)
        else:
            await self.app(scope, receive, send)

    def _take(self, asker: str) -> bool:
        """Take one token, if there is one. The bucket that was used longest ago is forgotten first."""
        now = self.clock()
        bucket = self.buckets.pop(asker, None) or Bucket(BURST, now)
        bucket.left = min(BURST, bucket.left + (now - bucket.at) * RATE)
        bucket.at = now
        self.buckets[asker] = bucket
        while len(self.buckets) > MOST:
            self.buckets.popitem(last=False)
        if bucket.left < 1:
            return False
        bucket.left -= 1
        return True


async def _refuse(send: Send, status: int, fault: OpenRVUError) -> None:
    body = (json.dumps({"error": fault.as_dict()}, indent=2) + "\n").encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    headers += [(b"retry-after", b"1")] if status == 429 else []
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
