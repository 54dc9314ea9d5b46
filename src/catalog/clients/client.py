"""A client of the endpoint `@@slug@@`, version @@version@@, made by `pinion client python @@slug@@`.

It needs Python 3.11 and its standard library only. Make it again when the endpoint's schemas change.
"""

from __future__ import annotations

import json
import random
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any, Dict, List, Literal, NotRequired, Required, TypeAlias, TypedDict, Union

__all__ = ["GatewayError", "@@Name@@Client"]

@@types@@
class Usage(TypedDict, total=False):
    """Tokens, as the provider counted them."""

    prompt_tokens: Required[int]
    completion_tokens: Required[int]
    total_tokens: Required[int]
    prompt_tokens_details: Dict[str, int]
    completion_tokens_details: Dict[str, int]
    estimated: bool


class Violation(TypedDict, total=False):
    """One thing that a schema refuses; its places are JSON Pointers."""

    instance_path: Required[str]
    schema_path: str
    keyword: Required[str]
    expected: str
    got: str
    message: Required[str]


#@if envelope
class Meta(TypedDict, total=False):
    """How the answer came about."""

    request_id: Required[str]
    endpoint: Required[str]
    version: Required[Union[int, None]]
    route: Required[str]
    provider: Required[str]
    attempts: Required[int]
    cached: Required[bool]
    repaired: bool
    session_id: str
    cost_usd: Required[Union[str, None]]


#@if tools
class ToolCall(TypedDict):
    """A tool that the model wants called."""

    id: str
    name: str
    arguments: Any


#@end
class Answer(TypedDict, total=False):
    """An answer, with how it came about."""

    ok: Required[Literal[True]]
    id: Required[str]
    model: Required[str]
    content: Required[str]
#@if output
    output: @@required@@[Output]
#@end
    refusal: str
    finish_reason: Required[str]
#@if tools
    tool_calls: List[ToolCall]
#@end
    usage: Required[Usage]
    meta: Required[Meta]


#@end
class GatewayError(Exception):
    """What the gateway refused, or could not do. `code` says which: see `doc`."""

    def __init__(self, status: int, body: Any, headers: Any = None) -> None:
        error = body.get("error") if isinstance(body, dict) else None
        error = error if isinstance(error, dict) else {}
        headers = headers if headers is not None else {}
        super().__init__(error.get("message") or f"the gateway answered {status}")
        self.status = status
        self.code: str = error.get("code") or f"http_{status}"
        self.type: str = error.get("type") or "unknown"
        self.param: Union[str, None] = error.get("param")
        self.request_id: Union[str, None] = error.get("request_id") or headers.get("x-request-id")
        self.hint: Union[str, None] = error.get("hint")
        self.doc: Union[str, None] = error.get("doc")
        self.details: Dict[str, Any] = error.get("details") or {}
        self.violations: List[Violation] = self.details.get("violations") or []
        self.retry_after: Union[float, None] = _seconds(headers)
        said = headers.get("x-should-retry")
        self.should_retry: Union[bool, None] = None if said is None else said == "true"

    def _may_help(self) -> bool:
        return self.status in (429, 503) if self.should_retry is None else self.should_retry


def _seconds(headers: Any) -> Union[float, None]:
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            return float(headers.get(name)) * unit
        except (TypeError, ValueError):
            continue
    return None


_LONGEST_WAIT_S = 60.0


class @@Name@@Client:
    """@@about@@

    `token` is the token, or what gives it for each call; `timeout` is in seconds, for each try and,
    in a stream, between two pieces.
    """

    def __init__(
        self,
        token: Union[str, Callable[[], str]],
        base_url: str = @@origin@@,
        *,
        max_retries: int = 2,
        timeout: float = 120.0,
    ) -> None:
        self._token = token
        self._url = base_url.rstrip("/") + "/@@slug@@"
        self._max_retries = max_retries
        self._timeout = timeout

    def call(self, input: @@input@@, **options: Any) -> @@answer@@:
        """Calls the endpoint; raises a GatewayError when it is refused or fails.

        Options: @@options@@.
        """
        with self._send(input, options, False) as response:
            return json.load(response)
#@if stream

    def stream(self, input: @@input@@, **options: Any) -> Iterator[str]:
        """Calls the endpoint and gives the text as it is written; options as those of `call`."""
        with self._send(input, options, True) as response:
            finished = False
            for line in response:
                if not line.startswith(b"data: "):
                    continue
                data = line[6:].strip()
                if data == b"[DONE]":
                    break
                chunk = json.loads(data)
                if "error" in chunk:
                    raise GatewayError(200, chunk, response.headers)
                for choice in chunk.get("choices") or []:
                    finished = finished or choice.get("finish_reason") is not None
                    text = (choice.get("delta") or {}).get("content")
                    if text:
                        yield text
            if not finished:
                raise ConnectionError("the stream ended before the answer did")
#@end

    def _send(self, input: @@input@@, options: Dict[str, Any], stream: bool) -> Any:
        """Sends the call, again where the gateway says that this may help."""
        request, safe = self._request(input, dict(options), stream)
        for attempt in range(self._max_retries + 1):
            wait = min(8.0, 0.5 * 2**attempt) * random.uniform(0.75, 1.25)
            try:
                return urllib.request.urlopen(request, timeout=self._timeout)
            except urllib.error.HTTPError as refused:
                error = GatewayError(refused.code, _json(refused), refused.headers)
                wait = wait if error.retry_after is None else error.retry_after
                if attempt == self._max_retries or not error._may_help() or wait > _LONGEST_WAIT_S:
                    raise error from None
            except OSError:
                # Without a key nobody knows whether a call whose connection was lost has been made.
                if attempt == self._max_retries or not safe:
                    raise
            time.sleep(wait)
        raise ValueError("max_retries must not be negative")

    def _request(self, input: @@input@@, options: Dict[str, Any], stream: bool) -> Any:
        token = self._token if isinstance(self._token, str) else self._token()
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        for option, name in (
            ("request_id", "x-request-id"),
            ("idempotency_key", "idempotency-key"),
#@if cache
            ("cache_ttl", "x-cache-ttl"),
#@end
        ):
            if options.get(option) is not None:
                headers[name] = str(options[option])
            options.pop(option, None)
        tags = options.pop("tags", None) or {}
        quoted = {name: value.replace("\\", "\\\\").replace('"', '\\"') for name, value in tags.items()}
        if tags:  # a list of name="value", its bytes UTF-8
            headers["pinion-tag"] = ", ".join(f'{name}="{value}"' for name, value in quoted.items()).encode().decode("latin-1")
#@if schema
        body: Dict[str, Any] = {@@payload@@}
#@end
#@if text
        body: Dict[str, Any] = {"message" if isinstance(input, str) else "messages": input}
#@end
        for name in (@@fields@@):
            if options.get(name) is not None:
                body[name] = options[name]
            options.pop(name, None)
        if options:
            raise TypeError(f"@@slug@@ has no option {next(iter(options))!r}")
        if stream:
            body["stream"] = True
        data = json.dumps(body).encode()
        return urllib.request.Request(self._url, data, headers, method="POST"), "idempotency-key" in headers


def _json(response: Any) -> Any:
    try:
        return json.load(response)
    except ValueError:
        return None
