"""The app in a process of its own, for benchmarks and tests of what users see."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
"""The path of a Chromium, or an empty text where there is none."""
FLAGS = ("--no-sandbox", "--disable-gpu", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
"""What a headless Chromium needs in a container, and a fake webcam that asks for no permission."""
START = 180
LAST = 2000  # characters of a failed start's log that are shown


@dataclass(frozen=True)
class Served:
    """A running app: its address, its process id, and the seconds until its first page."""

    address: str
    process: int
    seconds: float

    def memory(self) -> float:
        """Return the resident memory of the process in MiB. Raises ``ValueError`` on systems other than Linux."""
        try:
            text = Path(f"/proc/{self.process}/status").read_text()
        except OSError as error:
            raise ValueError("Memory is read from /proc, which only Linux has.") from error
        return int(re.findall(r"VmRSS:\s+(\d+) kB", text)[0]) / 1024


def free_port() -> int:
    """Return a port that is free at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def app(
    *arguments: str,
    folder: Path = ROOT,
    python: str = sys.executable,
    log: Path | None = None,
    seconds: float = START,
) -> Iterator[Served]:
    """Run ``python app.py`` in ``folder`` on a free port until the block ends; its output goes to ``log``.

    Raises ``ValueError`` with the end of its output if there is no page after ``seconds``.
    """
    port, start = free_port(), time.monotonic()
    command = [python, "app.py", *arguments]
    environment = {**os.environ, "GRADIO_SERVER_PORT": str(port)}  # as on a Space
    with (
        log.open("w+") if log else tempfile.TemporaryFile("w+") as output,
        subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=output) as process,
    ):
        try:
            address = f"http://127.0.0.1:{port}"
            while not _answers(address):
                if process.poll() is not None or time.monotonic() > start + seconds:
                    output.seek(0)
                    raise ValueError(f"The app did not start. It printed:\n{output.read()[-LAST:]}")
                time.sleep(0.1)
            yield Served(address, process.pid, time.monotonic() - start)
        finally:
            process.terminate()


def _answers(address: str) -> bool:
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address):
            return True
    except OSError:
        return False
