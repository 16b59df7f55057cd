# SPDX-License-Identifier: BSD-2-Clause
# Thin front: CMake presets do the work. `make demo` and `make test` install what is missing first.

all: setup
	@cmake --preset dev --log-level=WARNING >build/configure.log 2>&1 || { cat build/configure.log; exit 1; }
	@cmake --build --preset dev -- --quiet

setup:
	@mkdir -p build && tools/setup build

demo: all
	@tools/demo build

test: all
	@tools/run-tests build

bench: all
	@tools/setup bench
	@tests/bench/run build $(ONLY)

endurance: all
	@tests/endurance/endurance.py build $(or $(KERNEL),hosted) $(or $(TIME),600) $(SEED)

size: all
	@tools/size build --json build/size.json

fuzz: setup
	@tools/fuzz $(TIME)

packages: all
	@cpack --config build/debian.cmake -B build/packages

clean:
	rm -rf build build-*

.PHONY: all setup demo test bench endurance size fuzz packages clean
