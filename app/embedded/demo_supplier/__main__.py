"""`python -m app.embedded.demo_supplier --port N`: serve the three demo suppliers."""

from __future__ import annotations

import argparse

import uvicorn

from app.embedded.demo_supplier.server import create_server


def main() -> None:
    """Read the arguments and serve until stopped by SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m app.embedded.demo_supplier")
    parser.add_argument("--port", type=int, required=True, help="port to listen on")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--seed", type=int, default=1, help="another seed is another assortment")
    arguments = parser.parse_args()
    uvicorn.run(
        create_server(seed=arguments.seed),
        host=arguments.host,
        port=arguments.port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=3,
    )


if __name__ == "__main__":
    main()
