"""A naive reader of audit trails, written from the rules in words.

A line is a JSON object; its hash is that of the line before ``,"hash":``; it names the hash of the line
before it, 64 zeros if there is none; numbers count from 1.
"""

import hashlib
import hmac
import json


def first_wrong(data, key=None):
    """Number of the first record that is wrong, None if all are right."""
    before = "0" * 64
    parts = data.split(b"\n")
    for number, text in enumerate(parts[:-1], 1):
        try:
            record = json.loads(text)
            body, _, rest = text.rpartition(b',"hash":"')
            made = hmac.new(key, body, "sha256") if key else hashlib.sha256(body)
            right = (
                rest.decode() == made.hexdigest() + '"}'
                and record["seq"] == number
                and record["prev"] == before
                and list(record)[:4] == ["event", "ts", "seq", "prev"]
            )
        except (ValueError, KeyError, TypeError):
            right = False
        if not right:
            return number
        before = record["hash"]
    return len(parts) if parts[-1] else None


def forged(data, number, change, key=None):
    """Change one record and mend the chain behind it, as somebody would who can write the file."""
    lines, before = [], "0" * 64
    for n, line in enumerate(data.splitlines(), 1):
        record = json.loads(line)
        if n == number:
            change(record)
        record["prev"] = before
        del record["hash"]
        text = json.dumps(record, separators=(",", ":"))[:-1].encode()
        before = (hmac.new(key, text, "sha256") if key else hashlib.sha256(text)).hexdigest()
        lines.append(text + b',"hash":"' + before.encode() + b'"}\n')
    return b"".join(lines)
