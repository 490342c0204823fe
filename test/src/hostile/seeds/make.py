"""Small whole files, to be damaged: python make.py (pyarrow, zstandard by way of pyarrow)."""

import datetime
import decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

here = Path(__file__).parent
texts = pa.table({"text": ["row 1", "row 2", None, "row 4"], "label": ["a", "b", "a", "b"]})
odd = pa.table(
    {
        "text": pa.array([b"bytes", b"\xc3\xa9", None, b"x"], pa.binary()),
        "label": pa.array(["a", "b", "a", "b"]).dictionary_encode(),
        "day": pa.array([datetime.date(2024, 1, 2)] * 4),
        "price": pa.array([decimal.Decimal("1.10")] * 4, pa.decimal128(10, 2)),
        "at": pa.array([datetime.datetime(2024, 1, 2)] * 4, pa.timestamp("us")),
    }
)
message = pa.struct([("role", pa.string()), ("content", pa.string())])
chat = pa.table(
    {
        "messages": pa.array(
            [[{"role": "user", "content": "hi"}, {"role": "assistant", "content": "ho"}]] * 3, pa.list_(message)
        )
    }
)
tokens = pa.table({"inputIds": [[1, 2, 3], [4]], "labels": [[-100, 2, 3], [4]]})
for name, table, codec in [
    ("texts", texts, "none"),
    ("odd", odd, "snappy"),
    ("chat", chat, "zstd"),
    ("tokens", tokens, "gzip"),
]:
    pq.write_table(table, here / f"{name}.parquet", compression=codec, write_statistics=name == "odd", store_schema=False)
lines = b'{"text":"row 1","label":"a"}\n{"text":"row 2","label":"b"}\n' * 20
(here / "rows.jsonl.zst").write_bytes(pa.compress(lines, codec="zstd", asbytes=True))
