"""Deinterlacing: camcorders and DVDs store two moments in the odd and even lines of a frame, which show as combs."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av.filter import Graph
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

FILTER = "bwdif", "mode=send_frame:deint=interlaced"
"""FFmpeg's motion-adaptive filter; one frame out for each one in, and only frames marked as interlaced are changed."""


class Deinterlacer:
    """Removes the combs of a stream's frames, once it has interlaced ones; ``used`` says whether there were any."""

    def __init__(self, stream: "VideoStream"):
        self.used, self._stream = False, stream

    def __call__(self, frames: Iterator["VideoFrame"]) -> Iterator["VideoFrame"]:
        """Yield decoded frames without combs, with their times. Nothing is done before the first interlaced frame."""
        graph = None
        for frame in frames:
            if graph is None and not frame.interlaced_frame:
                yield frame
                continue
            if graph is None:
                self.used, graph = True, _graph(self._stream)
            graph.push(frame)
            yield from _pulled(graph)
        if graph is not None:
            graph.push(None)
            yield from _pulled(graph)


def _graph(stream: "VideoStream") -> "Graph":
    from av.filter import Graph

    graph = Graph()
    graph.link_nodes(graph.add_buffer(template=stream), graph.add(*FILTER), graph.add("buffersink")).configure()
    return graph


def _pulled(graph: "Graph") -> Iterator["VideoFrame"]:
    from av.error import BlockingIOError, EOFError

    while True:
        try:
            yield graph.pull()  # type: ignore[misc]
        except (BlockingIOError, EOFError):
            return
