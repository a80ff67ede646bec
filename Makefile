# Everything that is needed beside this file: Python 3.11 with venv, git and make.
# Works from any folder (make -C, make -f) and with spaces in the path.

SHELL := /bin/sh
.DEFAULT_GOAL := help
HERE := $(shell cd -- "$$(dirname -- "$$(printf '%s' '$(MAKEFILE_LIST)' | sed 's/^ *//')")" && pwd)
RUN = cd "$(HERE)" && ./deploy/setup run && exec .venv/bin/python -m app
DEV = cd "$(HERE)" && ./deploy/setup dev && exec .venv/bin/python -m app

.PHONY: up
up: ## Set everything up and start it (APP_PORT, DATA_DIR and the other settings apply)
	@$(RUN) up

.PHONY: migrate
migrate: ## Bring the database to the newest migration
	@$(RUN) migrate

.PHONY: help
help: ## Show this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' "$(HERE)/Makefile"
