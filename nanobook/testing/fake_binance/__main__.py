"""``python -m nanobook.testing.fake_binance``: tells its address, and serves until its input ends."""

import argparse
import sys
from contextlib import ExitStack

from ...errors import NanobookError
from .exchange import FakeBinance


def main():
    """Serve."""
    parser = argparse.ArgumentParser(prog="python -m nanobook.testing.fake_binance", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0, the default: any that is free")
    parser.add_argument("--fee", default="0.001", help="part of each fill")
    options = parser.parse_args()
    with ExitStack() as stack:
        try:
            fake = stack.enter_context(FakeBinance(port=options.port, fee=options.fee))
        except (
            NanobookError,
            OSError,
            OverflowError,
        ) as error:  # no fee, or a port in use
            parser.error(str(error))
        print(fake.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
