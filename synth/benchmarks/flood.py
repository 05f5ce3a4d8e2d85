"""What a visitor gets beside others who post calls without end and never listen for the results."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx

from synth.benchmarks.load_test import SECONDS, Script, Tally, differs

CALLS = 70
"""Calls of a flooder at once: more than the queue of the app holds."""
AGAIN = 1.0
"""Seconds until a flooder posts as many again."""


class Flooder:
    """Somebody who posts ``CALLS`` calls over plain HTTP, again and again, and fetches no result, until ``close``."""

    def __init__(self, address: str, script: Script):
        self.answers: Counter[int] = Counter()
        self.sentence = ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(address, script.picture, script.graph), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop, and wait until the last call is posted."""
        self._stop.set()
        self._thread.join()

    def _run(self, address: str, picture: Path, graph: str) -> None:
        with httpx.Client(base_url=f"{address}/gradio_api", timeout=SECONDS) as http:
            file = http.post("/upload", files={"files": (picture.name, picture.read_bytes())}).json()[0]
            body: Any = {"data": [{"path": file, "meta": {"_type": "gradio.FileData"}}, graph]}
            while not self._stop.is_set():
                for _ in range(CALLS):
                    answer = http.post("/call/translate", json=body)
                    self.answers[answer.status_code] += 1
                    if answer.is_error:
                        self.sentence = str(answer.json().get("detail", answer.text))
                    if self._stop.is_set():
                        return
                self._stop.wait(AGAIN)


def rate(address: str, script: Script, seconds: float, tally: Tally) -> float:
    """Return how many calls per second one visitor gets answered who sends one after another."""
    from gradio_client import Client, handle_file

    client = Client(address, verbose=False, analytics_enabled=False, httpx_kwargs={"timeout": SECONDS})
    start, count = time.monotonic(), 0
    while not count or time.monotonic() - start < seconds:
        try:
            path = client.predict(handle_file(script.picture), script.graph, api_name="/translate")
            tally.count(differs(path, script))
            count += 1
        except Exception as error:  # of any kind: the visitor has no answer
            tally.fail(error)
            if time.monotonic() - start > seconds:
                break
    return count / (time.monotonic() - start)


def flooded(address: str, scripts: list[Script], floods: int, seconds: float) -> Iterator[str]:
    """Yield how fast a visitor is served beside 1 to ``floods`` flooders, compared with alone before and after it."""
    visitor, tally = scripts[0], Tally()
    rate(address, visitor, 0, tally)
    before = rate(address, visitor, seconds, tally)
    for count in range(1, floods + 1):
        with ExitStack() as stack:
            flooders = [Flooder(address, scripts[number % len(scripts)]) for number in range(count)]
            for flooder in flooders:
                stack.callback(flooder.close)
            beside = rate(address, visitor, seconds, tally)
        _emptied(address)
        after = rate(address, visitor, seconds, tally)
        alone = (before + after) / 2
        answers = sum((flooder.answers for flooder in flooders), Counter())
        told = ", ".join(f"{number} answered {status}" for status, number in sorted(answers.items()))
        yield f"beside {count} flooder{'s' * (count > 1)} ({told}): {beside:.2f} calls/s, alone {alone:.2f} "
        yield f"({beside / alone:.0%}); {len(tally.failed)} failed, {tally.mixed} with another user's answer"
        yield from sorted({flooder.sentence for flooder in flooders if flooder.sentence} | set(tally.failed))[:5]
        before = after


def _emptied(address: str, seconds: float = 300) -> None:
    """Wait until the queue of the app is empty, ``seconds`` at most."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not httpx.get(f"{address}/gradio_api/queue/status", timeout=SECONDS).json()["queue_size"]:
            return
        time.sleep(1)
