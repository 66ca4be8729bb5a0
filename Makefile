# Each line calls one command. `make demo` is the main job, `make test` proves it.
PNPM  := npx --yes $(shell node -p 'require("./package.json").packageManager')
RUN    = node_modules/.bin
OUT   ?= demo
BUILT := node_modules/.built

.PHONY: setup demo test check format bench reproduce docs clean
.DELETE_ON_ERROR:

setup: $(BUILT)
SOURCES := $(shell find packages scripts -type f \( -name '*.ts' -o -name '*.tsx' -o -name '*.mjs' -o -name 'package.json' -o -name 'tsconfig.json' \) -not -path '*/node_modules/*' -not -path '*/dist/*')
$(BUILT): package.json pnpm-lock.yaml tsconfig.json tsconfig.base.json $(SOURCES)
	$(PNPM) install --frozen-lockfile
	$(PNPM) run build
	touch $@

test: setup
	$(RUN)/vitest run

check: setup
	$(RUN)/biome check .
	$(RUN)/tsc -p tsconfig.test.json
	$(RUN)/depcruise packages scripts --config .dependency-cruiser.cjs
