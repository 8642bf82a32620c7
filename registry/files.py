"""Files stored under their SHA-256, written once, safe against a killed process."""

import hashlib
import os
import tempfile
from pathlib import Path


class FileStore:
    """A folder of immutable files, named by their hash."""

    def __init__(self, root: Path) -> None:
        """Keep the folder; it is made when the first file comes."""
        self.root = root

    def path(self, sha256: str) -> Path:
        """Return where a file of that hash lies or would lie."""
        return self.root / sha256[:2] / sha256

    def put(self, content: bytes) -> str:
        """Store the content and return its hash; storing the same content again changes nothing."""
        sha256 = hashlib.sha256(content).hexdigest()
        target = self.path(sha256)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=target.parent)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, target)
        return sha256

    def read(self, sha256: str) -> bytes:
        """Return a stored file.

        Raises:
            FileNotFoundError: it is not there.
            ValueError: it was altered on disk.
        """
        content = self.path(sha256).read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise ValueError(f"stored file {sha256} was altered")
        return content
