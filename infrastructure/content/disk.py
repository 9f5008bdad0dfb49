"""The system calls by which bytes come to last, one method each, so that a test can fail any of them."""

import os
import shutil
from contextlib import suppress
from pathlib import Path


class Disk:
    """Thin, blocking, without state. Every method raises OSError."""

    def create(self, path: Path) -> int:
        """Open a new file for writing, readable by its owner alone, and answer its descriptor."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)

    def write(self, descriptor: int, content: memoryview) -> None:
        """Write all of it: write(2) may take less, at a signal or when the disk fills."""
        while content:
            content = content[os.write(descriptor, content) :]

    def fsync(self, descriptor: int) -> None:
        os.fsync(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        """Give a file its name, in place of what has that name: a reader sees the one or the other."""
        source.replace(target)

    def unlink(self, path: Path) -> None:
        path.unlink(missing_ok=True)

    def make_folder(self, path: Path) -> None:
        """Make a folder for its owner alone, unless it is there. Its parent must be."""
        with suppress(FileExistsError):
            path.mkdir(mode=0o700)

    def fsync_folder(self, path: Path) -> None:
        """Make the names in a folder last."""
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def free(self, path: Path) -> int:
        """Bytes that this user may still write to the file system that holds a path."""
        return shutil.disk_usage(path).free
