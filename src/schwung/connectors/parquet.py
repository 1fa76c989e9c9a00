"""Parquet: typed columns; a row's number is its place in the file."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from schwung.collect.connector import Chunk, Layout, unique
from schwung.connectors import unreadable
from schwung.core.text import Text


class ParquetConnector:
    """Parquet files, one at a time."""

    name = "parquet"
    title = Text("Parquet", "Parquet")
    endings = (".parquet", ".pq")

    def look(self, path: Path, wanted: Layout | None = None) -> Layout:
        try:
            names = pq.read_schema(path).names
        except (pa.ArrowInvalid, OSError) as error:
            raise unreadable(path, error) from error
        return Layout(self.name, unique(names), described=(self.title,))

    def read(self, path: Path, layout: Layout) -> Iterator[Chunk]:
        line = 0
        try:
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(batch_size=1 << 16):
                    numbers = np.arange(line + 1, line + 1 + batch.num_rows, dtype=np.int64)
                    line += batch.num_rows
                    yield Chunk(batch.rename_columns(list(layout.columns)), pa.array(numbers))
        except (pa.ArrowInvalid, OSError) as error:
            raise unreadable(path, error) from error


CONNECTOR = ParquetConnector()
