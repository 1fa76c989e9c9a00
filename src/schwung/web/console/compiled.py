"""Compiled templates outlive the process: they lie beside the templates, as Python's own compiled files do."""

import sys
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket

from schwung.core.code import code_mark


class Compiled(FileSystemBytecodeCache):
    """Never fails: what cannot be read or written is compiled again."""

    def get_source_checksum(self, source: str) -> str:
        made_by = version("jinja2") + code_mark()  # constants are worked out by our filters
        return super().get_source_checksum(made_by + source)

    def load_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            Path(self.directory).mkdir(exist_ok=True)
            super().dump_bytecode(bucket)


def compiled(templates: Path) -> Compiled | None:
    """None where Python may write no compiled files either."""
    return None if sys.dont_write_bytecode else Compiled(str(templates / "__pycache__"), "%s.jinja")
