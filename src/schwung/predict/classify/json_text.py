"""Columns as texts of JSON, a column at a time: for what is kept of millions of rows."""

import json

import pyarrow as pa
import pyarrow.compute as pc


def json_texts(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Each value as `json.dumps` writes it, null and NaN as null. Numbers, flags, texts."""
    values = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    kind = values.type
    if pa.types.is_floating(kind):
        values = pc.if_else(pc.is_finite(values), values, None)
        texts = pc.cast(values, pa.string())
        whole = pc.invert(pc.match_substring_regex(texts, r"[.e]"))
        texts = pc.if_else(whole, pc.binary_join_element_wise(texts, ".0", ""), texts)
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
        coded = values.dictionary_encode()
        told = [json.dumps(one, ensure_ascii=False) for one in coded.dictionary.to_pylist()]
        texts = pa.array(told, pa.string()).take(coded.indices)
    else:
        texts = pc.cast(values, pa.string())
    return pc.fill_null(texts, "null")


def all_alike(value: object, size: int) -> pa.Array:
    """The same JSON so many times."""
    return pa.repeat(pa.scalar(json.dumps(value, ensure_ascii=False), pa.string()), size)
