"""``python -m synth deploy --space OWNER/NAME``: the app, or the page that needs no server, as a Hugging Face Space."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from synth.card import MEASURED

ROOT = Path(__file__).parent.parent
SHIPPED = (
    *("README.md", "LICENSE", "requirements.txt", "packages.txt", "app.py"),
    *("synth/__init__.py", "synth/card.py", "synth/metric.py"),
    *("synth/pixels/", "synth/runtime/", "synth/app/", "weights/"),
)
"""What the app needs, and nothing of training: files, and folders with what lies below them."""
TABLES = f"weights/{MEASURED}/"  # cards without graphs: the README needs them, the app does not
KINDS = frozenset((".py", ".js", ".html", ".css", ".svg", ".md", ".txt", ".json", ".onnx", ".jpg", ".png", ".webp"))
"""What of those folders is shipped: no checkpoint, no cache, no data set that somebody left there."""
BINARY = (".onnx", ".jpg", ".png", ".webp", ".wasm", ".gz")
ATTRIBUTES = ".gitattributes"
SECRET = "SYNTH_AUTH"  # what app.py reads

Files = dict[str, Path | bytes]
"""What a Space holds: by its name there, the file here, or the bytes where there is none."""


def deploy(
    *,
    space: str,
    dry_run: bool = False,
    static: bool = False,
    private: bool = False,
    hardware: str | None = None,
    auth: str | None = None,
    weights: Path = ROOT / "weights",
) -> int:
    """Create a Space, or bring it up to date: upload what it needs and delete what it needs no more.

    Args:
        space: OWNER/NAME on Hugging Face; log in first with `hf auth login`, or set HF_TOKEN.
        dry_run: print the files and their size, and touch no network.
        static: the page whose graphs run in the visitor's browser, which costs nothing, instead of the app.
        private: a new Space is to be seen by its owner only.
        hardware: what a new Space runs on, say cpu-basic or t4-small; on a GPU the CUDA libraries are added.
        auth: USER:PASSWORD that visitors must give; kept as a secret of the Space.
        weights: the folder of graphs.
    """
    _check(space, static, hardware, auth)
    with tempfile.TemporaryDirectory() as folder:
        files = page(Path(folder), weights) if static else app(weights, hardware)
        print("\n".join(listing(files)))
        if dry_run:
            return 0
        print(push(space, files, "static" if static else "gradio", private, hardware, auth))
    return 0


def app(weights: Path, hardware: str | None = None) -> Files:
    """Return the files of the app with the graphs in ``weights``. Raises ``ValueError`` without a checkout."""
    if not (ROOT / "app.py").is_file():
        raise ValueError("Only a checkout of synth can be deployed: app.py is not beside the package.")
    if not any(weights.glob("*.onnx")):
        raise ValueError(
            f"There are no graphs in {weights}. Train and export one, or name another folder: --weights DIR"
        )
    files: Files = dict(_found(weights))
    if hardware and not hardware.startswith("cpu"):
        text = (ROOT / "requirements.txt").read_text()
        files["requirements.txt"] = text.replace("onnxruntime-gpu>", "onnxruntime-gpu[cuda,cudnn]>").encode()
    return _declared(files)


def page(folder: Path, weights: Path) -> Files:
    """Write the page without a server to ``folder`` and return its files."""
    from export import web

    web.write(folder, weights=weights)
    return _declared({path.relative_to(folder).as_posix(): path for path in _below(folder)})


def lay_out(files: Files, folder: Path) -> None:
    """Write the files of a Space below ``folder``, as the hub does."""
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.read_bytes())


def listing(files: Files) -> Iterator[str]:
    """Yield a line for each file, and the sum."""
    sizes = {name: _size(content) for name, content in sorted(files.items())}
    for name, size in sizes.items():
        yield f"{size:12,}  {name}"
    yield f"{sum(sizes.values()):12,}  bytes in {len(sizes)} files"


def push(space: str, files: Files, sdk: str, private: bool, hardware: str | None, auth: str | None) -> str:
    """Make the Space hold exactly ``files``; return its address. Raises ``ValueError`` with what the hub said."""
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
    from huggingface_hub.errors import HfHubHTTPError, HTTPError, LocalTokenNotFoundError  # type: ignore[attr-defined]

    hub: Any = HfApi(library_name="synth")
    of = {"repo_id": space, "repo_type": "space"}
    try:
        address = hub.create_repo(**of, space_sdk=sdk, space_hardware=hardware, private=private, exist_ok=True)
        if auth:  # before the files: the app must not be open for a moment
            hub.add_space_secret(space, SECRET, auth)
        old = set(hub.list_repo_files(**of)) - files.keys()
        changes = [CommitOperationAdd(name, content) for name, content in sorted(files.items())]
        changes += [CommitOperationDelete(name) for name in sorted(old)]
        hub.create_commit(**of, operations=changes, commit_message="Deploy synth")
    except LocalTokenNotFoundError as error:
        raise ValueError("Log in to Hugging Face first: hf auth login, or set HF_TOKEN.") from error
    except HfHubHTTPError as error:
        status = error.response.status_code
        hint = "Log in first: hf auth login, or set HF_TOKEN. " if status in (401, 403) else ""
        raise ValueError(f"Hugging Face refused ({status}). {hint}{error.server_message or ''}".strip()) from error
    except HTTPError as error:  # the base of all: there was no answer
        way_out = "Check the connection, then run the same command again."
        raise ValueError(f"Hugging Face could not be reached ({error}). {way_out}") from error
    return str(address)


def _check(space: str, static: bool, hardware: str | None, auth: str | None) -> None:
    if not re.fullmatch(r"[\w-][\w.-]{0,95}/[\w-][\w.-]{0,95}", space):
        raise ValueError(f"{space!r} is no Space: name it OWNER/NAME, of letters, digits, - _ and dots.")
    if static and (hardware or auth):
        raise ValueError("A static Space has no server: leave --hardware and --auth out, or --static.")
    if hardware and hardware.startswith("zero"):
        raise ValueError("ZeroGPU lends its GPU to PyTorch only. Take cpu-basic, or a GPU of its own such as t4-small.")
    if auth and not all(auth.partition(":")):
        raise ValueError("--auth wants USER:PASSWORD.")


def _found(weights: Path) -> Iterator[tuple[str, Path]]:
    """Yield what the app needs, each file by its name in the Space."""
    for name in SHIPPED:
        source = weights if name == "weights/" else ROOT / name
        if not name.endswith("/"):
            yield name, source
            continue
        for path in _below(source):
            target = name + path.relative_to(source).as_posix()
            if path.suffix in KINDS and not target.startswith(TABLES):
                yield target, path


def _below(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder, in order, without hidden ones and caches."""
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith((".", "__pycache__")) for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden:
            yield path


def _declared(files: Files) -> Files:
    """Add the declaration of what is no text: the hub takes binary files through LFS or Xet only."""
    kinds = sorted({Path(name).suffix for name in files} & set(BINARY))
    lines = "".join(f"*{kind} filter=lfs diff=lfs merge=lfs -text\n" for kind in kinds)
    return {**files, ATTRIBUTES: lines.encode()}


def _size(content: Path | bytes) -> int:
    return len(content) if isinstance(content, bytes) else content.stat().st_size
