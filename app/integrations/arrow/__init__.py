"""Arrow: what Postgres streams, typed, and written as Parquet. Never much of it in memory.

Import its modules where they are needed: Arrow takes half a second and 60 MB to load, which a
process that takes no snapshots does not pay.
"""
