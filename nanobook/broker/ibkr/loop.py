"""An event loop in a thread of its own, so that blocking calls work in scripts and inside a running loop."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress

MARGIN = 5.0  # seconds that the loop may be late, beyond a task's own time-out


class LoopThread:
    """Runs coroutines for threads that have no loop, or another one.

    Nothing of it is left when it was stopped: no task, no thread. It can be started again.
    """

    def __init__(self, name):
        self._name = name
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def start(self):
        """Start the thread, unless it runs."""
        if self._loop is not None:
            return
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._work, args=(self._loop,), name=self._name, daemon=True)
        self._thread.start()

    @staticmethod
    def _work(loop):
        asyncio.set_event_loop(loop)
        try:
            loop.run_forever()
        finally:
            asyncio.set_event_loop(None)
            loop.close()

    def run(self, coroutine, timeout):
        """Run a coroutine, and wait for what it gives.

        One that is broken off, as by Ctrl-C, has ended when this returns, and does not end amid the next.

        Raises
        ------
        TimeoutError
            It, or the whole loop, hangs: ``timeout`` and a margin have passed.
        """
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result(timeout + MARGIN)
        except TimeoutError:
            raise TimeoutError(f"no answer within {timeout:g} s") from None
        finally:
            if future.cancel():
                with suppress(TimeoutError):
                    asyncio.run_coroutine_threadsafe(self._cancelled_end(), self._loop).result(MARGIN)

    @staticmethod
    async def _cancelled_end():
        """Wait until what is being cancelled has ended."""
        tasks = [task for task in asyncio.all_tasks() if task.cancelling()]
        if tasks:
            await asyncio.wait(tasks, timeout=MARGIN)

    def stop(self):
        """Cancel all tasks, end the loop and its thread."""
        loop, thread = self._loop, self._thread
        self._loop = self._thread = None
        if loop is None:
            return
        with suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(self._cancel_all(), loop).result(MARGIN)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(MARGIN)

    @staticmethod
    async def _cancel_all():
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
