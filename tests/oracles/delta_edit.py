"""Tampers with a Delta table through the `deltalake` library: a writer that is not ours.

    delta_edit.py delete --table URI --where PREDICATE      removes the rows that match; exactly one must
    delta_edit.py double --table URI --where PREDICATE      appends the row that matches once more; exactly one must

Prints the coordinates of the row as one JSON line: the columns topic, partition and offset, where the table has them at its
top level, or those of its struct `origin`.
"""

import argparse
import json

import pyarrow
from deltalake import DeltaTable, QueryBuilder, write_deltalake

COORDINATES = ("topic", "incarnation", "partition", "offset", "row")


def matching(table, predicate):
    result = QueryBuilder().register("target", table).execute(f"SELECT * FROM target WHERE {predicate}")
    rows = pyarrow.RecordBatchReader.from_stream(result).read_all()
    if rows.num_rows != 1:
        raise SystemExit(f"{rows.num_rows} rows match, exactly one must: {predicate}")
    return rows


def coordinates(rows):
    row = rows.to_pylist()[0]
    held = row.get("origin") if isinstance(row.get("origin"), dict) else row
    return {name: held[name] for name in COORDINATES if name in held}


def main():
    arguments = argparse.ArgumentParser(description="Delete or double one row of a Delta table.")
    arguments.add_argument("edit", choices=("delete", "double"))
    arguments.add_argument("--table", required=True)
    arguments.add_argument("--where", required=True)
    given = arguments.parse_args()

    table = DeltaTable(given.table)
    rows = matching(table, given.where)
    if given.edit == "delete":
        table.delete(given.where)
    else:
        write_deltalake(table, rows, mode="append")
    print(json.dumps(coordinates(rows), ensure_ascii=False))


if __name__ == "__main__":
    main()
