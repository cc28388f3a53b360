"""Prints a Delta table as canonical JSON lines, read by one of three engines that we did not write.

    read_table.py --reader deltalake|polars|duckdb --table URI [--key COLUMN] [--columns a,b]

One row a line, every column (structs, lists and maps included), sorted by the key column and then by the whole line, so that
the output of any two readers can be compared byte for byte. The form of a value follows the table's schema, never the Python
type that a reader happens to return:

    timestamp   RFC 3339, UTC, microseconds      date    YYYY-MM-DD        binary  lower-case hexadecimal
    decimal     text with the scale of its type  map     object            struct  object
    objects have their keys sorted; text is not escaped beyond what JSON asks for.

Storage settings for tables that are not local come from the environment variable ORACLE_STORAGE_OPTIONS (a JSON object). DuckDB
reads local tables only: its S3 client is another download.
"""

import argparse
import datetime
import json
import os
import pathlib
import sys


def storage_options():
    text = os.environ.get("ORACLE_STORAGE_OPTIONS")
    return json.loads(text) if text else None


def canonical(value, kind):
    """One value as JSON data. `kind` is the Delta type: a name, or an object with a `type`."""
    if value is None:
        return None
    if isinstance(kind, dict):
        return canonical_nested(value, kind)
    if kind in ("timestamp", "timestamp_ntz"):
        return canonical_time(value, zoned=kind == "timestamp")
    if kind == "date":
        return value.isoformat()
    if kind == "binary":
        return bytes(value).hex()
    if kind.startswith("decimal"):
        return format(value, "f")
    return value


def canonical_nested(value, kind):
    if kind["type"] == "struct":
        return {field["name"]: canonical(value[field["name"]], field["type"]) for field in kind["fields"]}
    if kind["type"] == "array":
        return [canonical(element, kind["elementType"]) for element in value]
    if kind["type"] == "map":
        return {str(canonical(key, kind["keyType"])): canonical(held, kind["valueType"]) for key, held in map_entries(value)}
    raise SystemExit(f"a Delta type that this script does not know: {kind['type']}")


def map_entries(value):
    """Readers give a map as an object, as pairs, or as a list of {key, value}."""
    if isinstance(value, dict):
        return list(value.items())
    return [(entry["key"], entry["value"]) if isinstance(entry, dict) else tuple(entry) for entry in value]


def canonical_time(value, zoned):
    if zoned:
        value = value.astimezone(datetime.timezone.utc)
    return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond:06d}" + ("Z" if zoned else "")


def by_deltalake(table, uri, columns):
    """The reader inside `deltalake` that applies deletion vectors; its pyarrow paths refuse such tables."""
    import pyarrow
    from deltalake import QueryBuilder

    names = ", ".join(f'"{column}"' for column in columns)
    result = QueryBuilder().register("target", table).execute(f"SELECT {names} FROM target")
    for batch in pyarrow.RecordBatchReader.from_stream(result):
        yield from batch.to_pylist()


def by_polars(table, uri, columns):
    import polars

    yield from polars.scan_delta(uri, storage_options=storage_options()).select(columns).collect().iter_rows(named=True)


def by_duckdb(table, uri, columns):
    import duckdb
    import duckdb_extension_delta

    folder = pathlib.Path(duckdb_extension_delta.__file__).parent / "extensions" / f"v{duckdb.__version__}"
    connection = duckdb.connect()
    connection.execute(f"LOAD '{folder / 'delta.duckdb_extension'}'")
    connection.execute("SET TimeZone = 'UTC'")
    names = ", ".join(f'"{column}"' for column in columns)
    cursor = connection.execute(f"SELECT {names} FROM delta_scan(?)", [uri])
    while rows := cursor.fetchmany(10_000):
        for row in rows:
            yield dict(zip(columns, row))


READERS = {"deltalake": by_deltalake, "polars": by_polars, "duckdb": by_duckdb}


def main():
    arguments = argparse.ArgumentParser(description="Print a Delta table as canonical JSON lines.")
    arguments.add_argument("--reader", choices=READERS, required=True)
    arguments.add_argument("--table", required=True)
    arguments.add_argument("--key")
    arguments.add_argument("--columns")
    given = arguments.parse_args()

    from deltalake import DeltaTable

    table = DeltaTable(given.table, storage_options=storage_options())
    fields = json.loads(table.schema().to_json())["fields"]
    if given.columns:
        wanted = given.columns.split(",")
        fields = [field for field in fields if field["name"] in wanted]
    columns = [field["name"] for field in fields]
    lines = []
    for row in READERS[given.reader](table, given.table, columns):
        data = {field["name"]: canonical(row[field["name"]], field["type"]) for field in fields}
        line = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
        lines.append((json.dumps(data.get(given.key), ensure_ascii=False), line))
    lines.sort()
    sys.stdout.reconfigure(encoding="utf-8")
    for _, line in lines:
        print(line)


if __name__ == "__main__":
    main()
