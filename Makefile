# Each line calls one command. `make demo` is the main job, `make test` proves it.
#   make demo                  the whole pipeline on made phantoms
#   make demo SAMPLES=DIR      the same on DIR/cases.ndjson (source rows with real images)
#   make reproduce DATA=DIR    the paper's protocol on the challenge's npz files in DIR: scripts/reproduction.mk
#   make ablation              the paper's ablations and open questions, at small scale: scripts/ablation/recipe.mk
#   make weights SAMPLES=DIR1 SAMPLES2=DIR2   a model that segments unseen images: scripts/weights/recipe.mk
PNPM  := npx --yes $(shell node -p 'require("./package.json").packageManager')
BIN   := node_modules/.bin
BUILT := node_modules/.built
DEVICE ?= auto
# Exit code 1 says that some cases failed and were reported; the others are there. Any other code stops make: 3 (all failed), 75 (stopped, saved), ...
SOME_MAY_FAIL = || [ $$? -eq 1 ]
# Rows become a target when their command has ended, so that an interrupted make leaves none that is not whole, and has nothing to delete.
ROWS_TO_TARGET = > $@.part $(SOME_MAY_FAIL) && test -s $@.part && mv $@.part $@

.PHONY: setup setup-cpu setup-webgpu setup-tensorflow demo test test-long check format bench bench-annotate bench-bundle docs pack clean distclean

setup: $(BUILT)
	@[ -e $(BIN)/tsc ] || $(PNPM) install --frozen-lockfile
SOURCES := $(shell find packages scripts -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -not -path '*/fixtures/*' -not -path '*/man/*' -not -name '*.wasm' -not -name stock.js -not -name '*.tsbuildinfo')
$(BUILT): package.json pnpm-lock.yaml tsconfig.json tsconfig.base.json $(SOURCES)
	$(PNPM) install --frozen-lockfile
	$(PNPM) run build
	@touch $@

# ---- sources -> preprocess -> coreset -> train -> simulate (unseen cases) -> eval --------------------------------------
ifdef SAMPLES
OUT     ?= demo/samples
# Rows of one subject stay on one side of the split; so do rows that share an image.
SUBJECT ?= STS_[0-9]+|TotalSegmentator_example_ct|SpinalCord|FetalMIAL
$(SAMPLES)/cases.ndjson:
	@echo 'make demo: SAMPLES=$(SAMPLES): expected a folder with cases.ndjson (source rows; ensam-preprocess --images writes them), got none' >&2; exit 2
$(OUT)/sources/.made: $(SAMPLES)/cases.ndjson | $(BUILT)
	node scripts/dist/splitSources.js $< -o $(OUT)/sources --subject '$(SUBJECT)'
	@touch $@
else
OUT     ?= demo/phantoms
PHANTOM_FLAGS ?= --cases 16 --test 3 --size 32 --objects 3 --smallest 120 --seed 1
$(OUT)/sources/.made: | $(BUILT)
	node scripts/dist/phantoms.js -o $(OUT)/sources $(PHANTOM_FLAGS)
	@touch $@
endif
# What two cores can do in a few minutes; the paper's protocol is the commands' default and `make reproduce`. Muon moves the hidden matrices only,
# and prompts enter as maps beside the paper's tokens: over so few steps a small model comes further with both, by clicks alone most of all.
TRAIN_FLAGS ?= --preset small --groups hidden --prompts both --max-voxels 65536 --clicks 3 --accumulate 1 --lr 0.004 --epochs 8 --halve-at 4,6,7 --ema 0.97 --validate-objects 1

$(OUT)/train.ndjson: $(OUT)/sources/.made
	$(BIN)/ensam-preprocess $(OUT)/sources/train.ndjson -o $(OUT)/data/train $(ROWS_TO_TARGET)
$(OUT)/validation.ndjson: $(OUT)/sources/.made
	$(BIN)/ensam-preprocess $(OUT)/sources/test.ndjson -o $(OUT)/data/validation $(ROWS_TO_TARGET)
$(OUT)/coreset.ndjson: $(OUT)/train.ndjson
	$(BIN)/ensam-coreset $< --budget 90% --fill --report $(ROWS_TO_TARGET)
# Validated after each epoch on what the coreset left out: nothing of it is trained on, and nothing of it is tested on.
$(OUT)/left-out.ndjson: $(OUT)/train.ndjson $(OUT)/coreset.ndjson
	grep '"type":"case"' $< | grep -vxFf $(OUT)/coreset.ndjson > $@ || true
# A stamp, never a checkpoint: an interrupted training has saved, and the next make goes on from there.
$(OUT)/run/.trained: $(OUT)/coreset.ndjson $(OUT)/left-out.ndjson
	$(BIN)/ensam-train $< -o $(@D) $(TRAIN_FLAGS) $$([ -s $(OUT)/left-out.ndjson ] && echo --validate $(OUT)/left-out.ndjson) --device $(DEVICE) > /dev/null $(SOME_MAY_FAIL)
	@cp $(@D)/log.ndjson $(OUT)/training.ndjson && touch $@
$(OUT)/predictions.ndjson: $(OUT)/validation.ndjson $(OUT)/run/.trained
	$(BIN)/ensam-simulate $< --model $(OUT)/run --boxes made -o $(OUT)/predictions --device $(DEVICE) $(ROWS_TO_TARGET)
$(OUT)/predictions-clicks.ndjson: $(OUT)/validation.ndjson $(OUT)/run/.trained
	$(BIN)/ensam-simulate $< --model $(OUT)/run --boxes none -o $(OUT)/predictions-clicks --device $(DEVICE) $(ROWS_TO_TARGET)
$(OUT)/scores.ndjson: $(OUT)/predictions.ndjson $(OUT)/predictions-clicks.ndjson
	$(BIN)/ensam-eval $^ --table --report $(OUT)/report.html --csv $(OUT)/scores.csv $(ROWS_TO_TARGET)
demo: $(OUT)/scores.ndjson
	@echo 'report: $(OUT)/report.html   curves: $(OUT)/run/curves.svg'
	@echo 'next, on an image of your own (voxels z,y,x; --mm for millimetres x,y,z):'
	@echo '  $(BIN)/ensam-segment IMAGE.nii.gz --model $(OUT)/run --box Z0,Y0,X0,Z1,Y1,X1 -o mask.nii.gz'

# ---- the same chain on the challenge's files, with the paper's numbers: reproduce, plan, submit ------------------------
include scripts/reproduction.mk

# ---- the weights in the box --------------------------------------------------------------------------------------------
.PHONY: weights weights-score weights-file
include scripts/weights/recipe.mk

# ---- the paper's ablations and open questions --------------------------------------------------------------------------
include scripts/ablation/recipe.mk

# ---- tests, checks, benchmarks, docs -----------------------------------------------------------------------------------
test: setup
	$(BIN)/vitest run --reporter=./scripts/src/quietReporter.ts
# Kills, interruptions and thousands of mutations, each with a printed seed (SEED=N repeats one, TESTS=NAME chooses files): many minutes.
test-long: setup
	TEST_LONG=1 TEST_SEED=$(SEED) $(BIN)/vitest run $(TESTS)
check: setup
	$(BIN)/biome check .
	$(BIN)/tsc -p tsconfig.test.json
	$(BIN)/tsc -p packages/cli-annotate/page
	$(BIN)/depcruise packages scripts --config .dependency-cruiser.cjs
	node scripts/dist/checkPackages.js
format: setup
	$(BIN)/biome check --write .
bench: setup
	node scripts/dist/bench.js --device $(DEVICE) $(BENCH_FLAGS)
	node scripts/dist/benchScoring.js
	node scripts/dist/benchMillion.js
# Clicks in the real page of ensam-annotate, in Chromium (CHROMIUM=PATH) with software WebGL.
bench-annotate: setup
	node scripts/dist/benchAnnotate.js --device $(if $(filter auto,$(DEVICE)),wasm,$(DEVICE)) $(BENCH_FLAGS)
# The same as files for a GPU machine without pnpm: `node bench.mjs --device webgpu` there, with the npm package webgpu at hand.
BUNDLE ?= bench-bundle
bench-bundle: setup
	node scripts/dist/bundle.js -o $(BUNDLE)
docs: setup
	node scripts/dist/docs.js
# What an empty folder installs: npm install TARBALLS/*.tgz
TARBALLS ?= tarballs
pack: setup
	$(PNPM) --recursive --filter './packages/*' pack --pack-destination $(abspath $(TARBALLS))
# Only what the commands need on the processor stays: what builds and tests them goes, Dawn too. `make setup` brings it back.
LEAN := install --prod --frozen-lockfile --config.modules-cache-max-age=0
setup-cpu: $(BUILT)
	$(PNPM) $(LEAN)
	@touch $(BUILT)
# Dawn, for GPUs as device `webgpu`; `make setup` has it. After setup-cpu it changes package.json and the lockfile here.
setup-webgpu: $(BUILT)
	[ -e packages/ensam-core/node_modules/webgpu ] || { $(PNPM) --filter @ensam/core add --save-optional webgpu@0.6.2 && $(PNPM) $(LEAN); }
	@touch $(BUILT)
# TensorFlow's C library as device `tensorflow` (TENSORFLOW=tfjs-node: the processor's). It changes package.json and the lockfile here.
TENSORFLOW ?= tfjs-node-gpu
setup-tensorflow: setup
	$(PNPM) --filter @ensam/core add --save-dev --allow-build=@tensorflow/$(TENSORFLOW) @tensorflow/$(TENSORFLOW)@4.22.0
# What `make setup` can make again. Runs, models and results stay: `make distclean` removes them, after asking.
clean:
	rm -rf bench-bundle tarballs packages/*/dist packages/*/man scripts/dist packages/ensam-core/wasm packages/ensam-core/gradients/stock.js packages/ensam-core/zod/stock.js $(BUILT)
	find packages scripts -name '*.tsbuildinfo' -not -path '*/node_modules/*' -delete
distclean:
	@printf 'remove demo/ and $(REPRODUCTION)/ with the models trained there? [y/N] '; read answer && [ "$$answer" = y ] || { echo 'kept'; exit 1; }
	rm -rf demo $(REPRODUCTION)
	$(MAKE) clean
