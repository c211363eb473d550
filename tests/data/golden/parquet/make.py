"""Writes the Parquet files of this folder with pyarrow 26.0.1: the same five rows in each compression."""

import datetime
import decimal
import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

folder = pathlib.Path(__file__).parent
rows = 5
turns = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yo"}]
table = pa.table({
    "text": pa.array(["first", "h\u00e9 \U0001F600 \"q\"\n", None, "", "last"], pa.string()),
    "n": pa.array([1, -2, 2**53 + 1, None, 0], pa.int64()),
    "score": pa.array([0.1, 1e300, float("nan"), -0.0, 2.0], pa.float64()),
    "half": pa.array([0.1, 1.5, None, 3.0, -4.25], pa.float32()),
    "ok": pa.array([True, False, None, True, True]),
    "tags": pa.array([["a", "b"], [], None, ["c\\d"], [None]], pa.list_(pa.string())),
    "messages": pa.array([turns] * rows),
    "price": pa.array([decimal.Decimal(p) if p else None for p in ["1.20", "-0.05", None, "100.00", "3.14"]],
                      pa.decimal128(9, 2)),
    "day": pa.array([datetime.date(2024, 2, 29)] * rows, pa.date32()),
    "at": pa.array([datetime.datetime(2024, 2, 29, 12, 30, 1)] * rows, pa.timestamp("ms")),
    "raw": pa.array([b"\xff\x00\x01", b"plain", None, b"", b"\x80"], pa.binary()),
})
for codec in ["none", "snappy", "gzip", "zstd", "lz4"]:
    pq.write_table(table, folder / f"{codec}.parquet", compression=codec, row_group_size=3,
                   use_dictionary=codec != "none", data_page_version="2.0" if codec == "zstd" else "1.0")
