"""SQL over a dataset, by DuckDB."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from circuitdiff.datasets.shards import SHARDS, open_shard, shards_of
from circuitdiff.errors import InputError, MissingExtraError

TABLE = "circuits"


def query(sql: str, folder: Path) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Run a query over the view `TABLE` of all shards.

    The database lives in memory and reads no file but the shards.

    Returns:
        Names of the columns, and rows.

    Raises:
        InputError: the folder is no dataset, or the query is wrong.
        MissingExtraError: DuckDB is not installed.
    """
    try:
        import duckdb
    except ImportError as error:
        raise MissingExtraError("dataset query needs DuckDB: pip install 'circuitdiff[mining]'") from error
    for path in shards_of(folder):
        open_shard(path)
    connection = duckdb.connect()
    pattern = str(folder.resolve() / SHARDS / "*.parquet").replace("'", "''")
    try:
        connection.execute(
            f"SET allowed_directories = ['{str(folder.resolve() / SHARDS).replace(chr(39), chr(39) * 2)}']"
        )
        connection.execute("SET enable_external_access = false")
        connection.execute(f"CREATE VIEW {TABLE} AS SELECT * FROM read_parquet('{pattern}')")
        found = connection.execute(sql)
        return [column[0] for column in found.description or ()], found.fetchall()
    except duckdb.Error as error:
        raise InputError(f"query failed: {str(error).splitlines()[0]}") from error
    finally:
        connection.close()
