SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
export PATH := $(CURDIR)/dist/bin:$(PATH)

NODE_TS := node --import tsx
SOURCES := $(shell find cmd lib -name '*.ts' 2>/dev/null) build.ts package.json
STAMP := node_modules/.installed

help: ## list targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

$(STAMP): package-lock.json
	@# The stamp is the lock file that was installed: a branch with the same one installs nothing.
	@cmp -s $< $@ || npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@cp $< $@

dist/main.js: $(STAMP) $(SOURCES)
	@$(NODE_TS) build.ts
	@touch $@

setup: $(STAMP) ## install what the lock file names
lock: ## make the lock file anew, with the packages of every platform; npm in place leaves some out
	@d=$$(mktemp -d); cp package.json .npmrc $$d; \
	(cd $$d; npm install --package-lock-only --loglevel=error); \
	  cp $$d/package-lock.json .; rm -r $$d

build: dist/main.js ## bundle the commands into dist/

# Checking never installs: what is missing is said.
installed:
	@[ -x node_modules/.bin/tsc ] || { echo 'node_modules is missing: run make setup' >&2; exit 1; }

pack: build ## pack for npm i -g, with checksums; OWN_NAMES=0: with the single name sluice
	@$(NODE_TS) lib/dev/pack/pack.ts '$(or $(TO),.)' $(if $(filter 0,$(OWN_NAMES)),--sluice-only)

audit: $(STAMP) ## ask the registry for known holes of severity high in what an install brings
	@code=0; out=$$(npm audit --omit=dev --audit-level=high 2>&1) || code=$$?; echo "$$out"; \
	  case "$$out" in *'audit endpoint'*) \
	    echo "$$(npm config get registry) does not answer: nothing was looked at, no pass";; \
	  esac; exit $$code

size: $(STAMP) ## print the size of an install by package, and what can be dropped
	@$(NODE_TS) lib/dev/pack/install-size.ts

test-install: ## install the package in four ways far from here; NODE=20|22|24|all takes others
	@$(MAKE) build
	@node --import tsx --test --test-reporter=spec $(wildcard test/install/*.test.ts)

types: installed ## check types
	@node_modules/.bin/tsc

lint: installed ## check style, sizes, names, imports and docstrings
	@node_modules/.bin/biome check --error-on-warnings .
	@$(NODE_TS) lib/dev/lint/lint.ts

map: $(STAMP) ## print which folder imports from which, by floors
	@$(NODE_TS) lib/dev/lint/map.ts

fix: $(STAMP) ## format and apply safe fixes
	@node_modules/.bin/biome check --write .

docs: build ## regenerate the reference in README.md
	@$(NODE_TS) lib/dev/pack/package-manifest.ts
	@$(NODE_TS) lib/dev/docs/docs.ts --write
	@$(NODE_TS) lib/dev/idl/write-routes.ts
	@node_modules/.bin/biome format --write --log-level=error lib/trade/live/sign/jupiter-*.ts

docs-check: build
	@$(NODE_TS) lib/dev/docs/docs.ts --check

test: build ## run every test, or those that FILE=path[,path…] names or reaches
	@$(NODE_TS) lib/dev/run-tests.ts "$${FILE-}"

watch: build ## on every save check types, style and the tests that it reaches; end with Ctrl-C
	@$(NODE_TS) lib/dev/watch.ts

check: installed ## types, lint, docs-check, test, and what each took
	@$(NODE_TS) lib/dev/timed-steps.ts types lint docs-check test

soak: build ## half an hour of faults, 200 kills, 2 GB, 100,000 tokens, 100,000 days of live trading
	@SLUICE_SOAK_MINUTES=$${SLUICE_SOAK_MINUTES:-30} node --import tsx --test --test-concurrency=2 \
	  test/soak.test.ts test/soak-line.test.ts
	@SLUICE_SOAK_RUNS=200 node --import tsx --test --test-concurrency=1 \
	  $(wildcard test/lib/store/crash-*.test.ts)
	@SLUICE_SOAK_RUNS=1 node --import tsx --test test/cmd/odd-files.test.ts
	@SLUICE_SOAK_LARGE=1 node --import tsx --test --test-concurrency=1 test/soak-large.test.ts
	@SLUICE_TRANSACTIONS=1000000 node --import tsx --test test/lib/sources/rpc/generated.test.ts
	@SLUICE_LIVE_RUNS=1000 node --import tsx --test test/live/random-runs.test.ts
	@SLUICE_WHOLE_MODEL=1 $(NODE_TS) --test test/live/one-transaction.test.ts
	@$(NODE_TS) test/live/days/run-days.ts --days $${SLUICE_SOAK_DAYS:-100000}
	@SLUICE_SOAK_MINUTES=$${SLUICE_SOAK_MINUTES:-5} node --import tsx --test --test-concurrency=1 \
	  test/acceptance.test.ts

bench: build ## measure every command and write the table of README.md
	@$(NODE_TS) bench/run.ts --write
	@$(NODE_TS) bench/features.ts --write
	@$(NODE_TS) bench/serve.ts --write
	@$(NODE_TS) bench/backtest.ts --write

# Each is pipelines/NAME.sh, whose head says more; arguments by PIPELINE_ARGS='…'. They work in
# SLUICE_HOME, or the default home.
FLOWS := demo collect label first-model learn retrain guard drift sync quality status report \
	backtest live-paper replay
PIPELINE_ARGS ?=
$(FLOWS): build
	@pipelines/$@.sh $(PIPELINE_ARGS)
demo: ## simulate a market, learn from it, trade on paper: needs nothing, leaves 15 MB in ./demo
collect: ## watch the market for four minutes: needs a network, leaves the journal snapshots
label: ## say what has matured: needs decisions (or PIPELINE_ARGS=snapshots), leaves …-labels
first-model: ## train and promote first models by hand: needs labels, leaves versions
learn: ## teach the online models what has matured: needs labels and a model, leaves its online part
retrain: ## train what is due by its recipe, try, promote: needs labels, leaves versions
guard: ## guard models in production, judge trials, in seconds: leaves promotions and alerts
drift: ## compare the last whole day with what models know: needs a model, leaves ml_drift_reports
sync: ## load journals into the database: needs journals, leaves sluice.duckdb and 90 days
quality: ## judge features and labels: needs labels, leaves the journal quality
status: ## show pipelines, lag, disk, models, positions, alerts: needs nothing, leaves nothing
report: ## say in plain words what paper trades came to: needs the paper ledger, leaves report.html
backtest: ## trade the journal events again: needs live-paper’s journal or FILE…, leaves nothing
live-paper: ## trade on paper until stopped: needs a network, leaves journals and a ledger
replay: ## trade recordings on paper: needs PIPELINE_ARGS='FILE…', leaves nothing

cases: build ## fill in what the case files expect; review the diff
	@$(NODE_TS) lib/dev/fill-cases.ts

new: $(STAMP) ## start a command or a source of discover: make new name=x kind=step|source|tool
	@$(NODE_TS) lib/dev/new.ts '$(name)' '$(kind)'
	@$(MAKE) docs

clean: ## remove build output
	rm -rf dist

.PHONY: help setup lock pack audit size test-install build installed types lint map fix docs \
	docs-check test watch check soak bench cases new clean $(FLOWS)
