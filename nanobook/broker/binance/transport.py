"""One HTTPS request and its answer.

Nothing is raised here: what went wrong is returned, so that no traceback passes by the frames in which the
key is written to the connection.
"""

from __future__ import annotations

import http.client
import select
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..secret import Secret

BODY_LIMIT = 16 * 2**20  # bytes; the longest answer that is asked for has about half a megabyte
IDLE = 30.0  # seconds after which a connection at rest is not trusted to be open


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server answered; names of headers in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Failure:
    """No answer. If ``sent``, the request may have been carried out."""

    sent: bool
    reason: str


class Transport:
    """Requests to one site, over one connection that is kept open.

    Parameters
    ----------
    site : Site
    timeout : float
        Seconds that any request may take in all.
    clock : Clock
    """

    def __init__(self, site, timeout, clock):
        self._site, self._timeout, self._clock = site, timeout, clock
        self._connection = None
        self._used = 0.0

    def exchange(self, method, target, headers, body=None):
        """Send one request, once.

        Parameters
        ----------
        method, target : str
        headers : mapping of str to str or Secret
        body : bytes, optional

        Returns
        -------
        Answer or Failure
        """
        failure = self._open()
        if failure is None:
            hang_up = threading.Timer(self._timeout, _hang_up, (self._connection.sock,))
            hang_up.daemon = True
            hang_up.start()
            outcome = None
            try:
                outcome = self._ask(method, target, headers, body)
            finally:
                hang_up.cancel()
                if outcome is None:  # interrupted: what still comes must answer no other request
                    self.close()
        else:
            outcome = failure
        if isinstance(outcome, Failure) or outcome.headers.get("connection", "").lower() == "close":
            self.close()
        self._used = self._clock.monotonic()
        return outcome

    def close(self):
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self):
        """See to it that there is a connection; what is wrong if there is none."""
        if self._connection is not None and self._is_worn():
            self.close()
        if self._connection is not None:
            return None
        site = self._site
        if site.secure:
            connection = http.client.HTTPSConnection(
                site.host, site.port, timeout=self._timeout, context=tls()
            )
        else:
            connection = http.client.HTTPConnection(site.host, site.port, timeout=self._timeout)
        try:
            connection.connect()
        except (OSError, ValueError) as error:
            return Failure(False, f"{site.name}: {_told(error)}")
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connection = connection
        return None

    def _is_worn(self):
        """Whether the other side hung up while nothing was asked, or may have."""
        readable, _, _ = select.select([self._connection.sock], [], [], 0)
        return bool(readable) or self._clock.monotonic() - self._used > IDLE

    def _ask(self, method, target, headers, body):
        connection = self._connection
        try:
            connection.putrequest(method, target, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value.reveal() if isinstance(value, Secret) else value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            content = response.read(BODY_LIMIT + 1)
        except (OSError, ValueError, http.client.HTTPException) as error:
            return Failure(True, f"{self._site.name}: {_told(error)}")
        problem = _cut_short(response, content)
        if problem:
            return Failure(True, f"{self._site.name}: {problem}")
        headers = {name.lower(): text for name, text in response.headers.items()}
        return Answer(response.status, headers, content)


def _cut_short(response, content):
    """Say what is wrong with the length of an answer: ``read`` itself takes an early end for the end."""
    told = response.headers.get("Content-Length", "")
    if len(content) > BODY_LIMIT:
        return f"an answer of more than {BODY_LIMIT} bytes"
    if not response.chunked and told != str(len(content)):
        return f"an answer of {len(content)} bytes in place of {told or 'a length that was told'}"
    return None


def tls():
    """Make the set-up of an encrypted connection: certificate and name verified, TLS 1.2 or later."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _hang_up(sock):
    """End a request that takes too long, wherever it is."""
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        sock.close()


def _told(error):
    """Describe what the network said; never what was sent."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted: {error.verify_message}"
    said = getattr(error, "strerror", None)
    return f"{type(error).__name__}{f' ({said})' if said else ''}"
