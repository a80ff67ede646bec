"""DuckDB: questions to Parquet files, out of core. Import its modules where they are needed."""
