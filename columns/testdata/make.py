"""Makes the Parquet files here with pyarrow 26.0.1: python make.py"""

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq

# All types, with the old int96 and without annotations of Arrow; in dictionaries, and pages of version 1.
types = pa.table({
    "bool": pa.array([True, None, False]),
    "int8": pa.array([-128, None, 127], pa.int8()),
    "uint32": pa.array([0, None, 2**32 - 1], pa.uint32()),
    "int64": pa.array([-(2**63), None, 2**63 - 1], pa.int64()),
    "uint64": pa.array([0, None, 2**64 - 1], pa.uint64()),
    "float": pa.array([1.5, None, float("nan")], pa.float32()),
    "double": pa.array([1e300, None, -0.1]),
    "string": pa.array(['é "q"\n', None, ""]),
    "large_string": pa.array(["x", None, "y"], pa.large_string()),
    "binary": pa.array([b"\xff\x00", None, b"text"], pa.binary()),
    "fixed": pa.array([b"abc", None, b"xyz"], pa.binary(3)),
    "decimal9": pa.array([Decimal("1.50"), None, Decimal("-0.01")], pa.decimal128(9, 2)),
    "decimal38": pa.array([Decimal("12345678901234567890.123"), None, Decimal("-1")], pa.decimal128(38, 3)),
    "date": pa.array([date(2024, 2, 29), None, date(1969, 12, 31)]),
    "time": pa.array([1, None, 86399999], pa.time32("ms")),
    "timestamp": pa.array([0, None, -1], pa.timestamp("ms")),
    "list": pa.array([[1, None, 3], None, []], pa.list_(pa.int32())),
    "lists": pa.array([[[1], []], None, [None, [2, 3]]], pa.list_(pa.list_(pa.int64()))),
    "struct": pa.array([{"a": 1, "b": "x"}, None, {"a": None, "b": None}], pa.struct([("a", pa.int32()), ("b", pa.string())])),
    "map": pa.array([[("k", 1), ("j", None)], None, []], pa.map_(pa.string(), pa.int32())),
    "pairs": pa.array([[(1, "a")], None, []], pa.map_(pa.int32(), pa.string())),
    "null": pa.nulls(3),
})
pq.write_table(types, "types.parquet", compression="snappy", row_group_size=2, use_deprecated_int96_timestamps=True,
               store_schema=False, write_statistics=False)

# The newer encodings, in small pages of version 2 with checksums.
n = 300
encodings = pa.table({
    "delta32": pa.array([i * i * 7919 % 4294967291 - 2**31 for i in range(n)], pa.int32()),
    "delta64": pa.array([None if i % 7 == 0 else (i * 2862933555777941757 + 3037000493) % 2**64 - 2**63 for i in range(n)], pa.int64()),
    "prefix": pa.array([None if i % 5 == 0 else "https://example.com/%d" % (i // 3) for i in range(n)]),
    "length": pa.array(["x" * (i % 11) for i in range(n)]),
    "split": pa.array([i / 7 for i in range(n)]),
    "dictionary": pa.array(["abc"[i % 3] for i in range(n)]),
    "runs": pa.array([i % 50 < 30 for i in range(n)]),
    "list": pa.array([list(range(i % 5)) for i in range(n)], pa.list_(pa.int64())),
})
pq.write_table(encodings, "encodings.parquet", compression="zstd", row_group_size=200, data_page_version="2.0", data_page_size=200,
               write_batch_size=20, write_page_checksum=True, store_schema=False, write_statistics=False,
               use_dictionary=["dictionary"],
               column_encoding={"delta32": "DELTA_BINARY_PACKED", "delta64": "DELTA_BINARY_PACKED", "prefix": "DELTA_BYTE_ARRAY",
                                "length": "DELTA_LENGTH_BYTE_ARRAY", "split": "BYTE_STREAM_SPLIT", "runs": "RLE"})
