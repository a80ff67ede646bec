# Everything that is needed beside this file: Python 3.11 with venv, git and make.
# Works from any folder (make -C, make -f) and with spaces in the path.

SHELL := /bin/sh
.DEFAULT_GOAL := help
HERE := $(shell cd -- "$$(dirname -- "$$(printf '%s' '$(MAKEFILE_LIST)' | sed 's/^ *//')")" && pwd)
# A home that cannot be written, or none at all, must not stop uv, npm and Reflex from keeping what
# they fetched.
export HOME := $(shell [ -n "$$HOME" ] && [ -w "$$HOME" ] && printf '%s' "$$HOME" || printf '%s' "$(HERE)/.venv/home")
RUN = cd "$(HERE)" && ./deploy/setup run && exec .venv/bin/python -m app

.PHONY: up
up: ## Set everything up and start it; Ctrl-C stops it (settings: APP_PORT=8001 make up)
	@$(RUN) up

.PHONY: dev
dev: ## The same with hot reload: a changed file shows at once
	@$(RUN) up --dev

.PHONY: test
test: ## Set everything up and run every check and test
	@cd "$(HERE)" && ./deploy/setup dev && exec ./deploy/check

.PHONY: migrate
migrate: ## Bring the database to the newest migration
	@$(RUN) migrate

.PHONY: doctor
doctor: ## Check every setting and service, and say how to mend what is wrong
	@$(RUN) doctor

.PHONY: bench
bench: ## Measure every path beside its floor (SIZES=10k,100k,1M ONLY=sync,search)
	@cd "$(HERE)" && ./deploy/setup dev && exec .venv/bin/python -m bench

.PHONY: lock
lock: ## Pin the newest allowed packages by hash, for those who change dependencies
	@cd "$(HERE)" && ./deploy/setup dev && exec ./deploy/lock

.PHONY: help
help: ## Show this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' "$(HERE)/Makefile"
