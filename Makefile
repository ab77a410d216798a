# Two commands matter: `make run` and `make test`. Both start from a bare Debian 12 and do nothing twice.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

plan := configs/default.yaml
quintile := build/release/bin/quintile
customers := data/raw/synthetic_customers.csv
customers_count := 100000
run_stamp := build/release/run.stamp

.PHONY: help run test engines-test docs wheel lint format tidy asan tsan coverage fuzz bench peers peers-environment pictures clean FORCE

help:  ## This list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1	\2/p' $(MAKEFILE_LIST) | expand -t 24

run:  ## From nothing to 100,000 segmented customers: install, build, generate, segment
	@scripts/setup run
	@scripts/web
	@scripts/build release quintile
	@if $(MAKE) -q --no-print-directory $(run_stamp); then echo 'Nothing has changed since the last run.'; \
	 else $(MAKE) --no-print-directory $(run_stamp); fi
	@printf '\nResults\n  customers   data/mart/customer_segments.parquet\n  the mart    data/mart\n  the report  reports\n'
	@printf 'Next\n  %s explain 1\n  %s verify\n  %s --help\n' $(quintile) $(quintile) $(quintile)

# By age: the program makes the customers; the program, the plan and the customers make the mart.
$(run_stamp): $(quintile) $(customers) $(shell find configs -type f 2>/dev/null) $(if $(wildcard data/mart/*),,FORCE)
	@$(quintile) run $(plan)
	@touch $@

$(customers): $(quintile)
	@mkdir -p $(@D)
	@$(quintile) generate --customers $(customers_count) --out $@

$(quintile):
	@scripts/build release quintile

test:  ## Every test: C++, Python, SQL engines but Spark, dashboard
	@scripts/setup test
	@scripts/setup engines
	@scripts/web
	@scripts/build dev
	@scripts/test

engines-test:  ## The tests against PostgreSQL, Sail and Spark on this machine, which take minutes and 4 GB
	@scripts/setup test
	@scripts/setup spark
	@scripts/web
	@scripts/build dev quintile
	@.venv/bin/python -m pytest -q -p no:cacheprovider tests/engines tests/parity/test_engines.py

docs:  ## The documentation site, in build/docs
	@scripts/setup run
	@scripts/web
	@scripts/build release quintile
	@scripts/setup docs
	@QUINTILE=$(quintile) .venv/bin/python -m sphinx -q -W --keep-going -b html -d build/doctrees docs build/docs
	@printf 'build/docs/index.html\n'

wheel:  ## A wheel of the Python package in dist/, which needs no compiler
	@scripts/setup run
	@scripts/setup wheel
	@scripts/web
	@scripts/wheel dist

lint:  ## Formatting, layers and text rules, without compiling
	@scripts/setup lint
	@scripts/lint

format:  ## Formats the C++ sources in place
	@scripts/setup lint
	@git ls-files -co --exclude-standard '*.h' '*.cc' | xargs .venv/bin/clang-format -i

tidy:  ## Clang 19 and clang-tidy over everything
	@scripts/setup test
	@scripts/setup tidy
	@scripts/build tidy

asan:  ## The tests under AddressSanitizer and UndefinedBehaviorSanitizer
	@scripts/setup test
	@scripts/build asan
	@scripts/test asan

tsan:  ## The tests under ThreadSanitizer
	@scripts/setup test
	@scripts/build tsan
	@scripts/test tsan

coverage:  ## The tests, counting the lines they reach
	@scripts/setup test
	@scripts/setup coverage
	@scripts/build coverage
	@scripts/test coverage
	@.venv/bin/gcovr --root . --filter src/ --exclude '.*_(test|benchmark)\.cc' --print-summary \
	  --html-details build/coverage/coverage.html build/coverage

fuzz:  ## Builds the fuzz targets (build/fuzz/bin/fuzz_*)
	@scripts/setup test
	@scripts/setup tidy
	@scripts/build fuzz

bench:  ## Builds the benchmarks (build/bench/bin/*_benchmark)
	@scripts/setup test
	@scripts/build bench quintile benchmarks

peers: peers-environment  ## Quintile against DuckDB, Polars and pandas at the same job (options='--lines 50000000 ...': benchmarks/peers/run.py --help)
	@scripts/setup run
	@scripts/build release quintile
	@benchmarks/peers/.venv/bin/python benchmarks/peers/run.py $(options)

peers-environment: benchmarks/peers/.venv/.installed  ## Pinned DuckDB, Polars and pandas, for the benchmarks alone

benchmarks/peers/.venv/.installed: benchmarks/peers/requirements.txt
	@python3 -m venv $(@D)
	@$(@D)/bin/python -m pip install -q -r $<
	@touch $@

pictures: run  ## The dashboard's pictures in docs/pictures, from the mart of `make run`
	@scripts/setup test
	@QUINTILE=$(quintile) PATH="$$PWD/.venv/bin:$$PATH" npm --prefix web run -s pictures

clean:  ## Removes what was built; keeps .venv and data
	@rm -rf build
