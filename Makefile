# Each line calls one command. `make demo` is the main job, `make test` proves it.
#   make demo                  the whole pipeline on made phantoms
#   make demo SAMPLES=DIR      the same on DIR/cases.ndjson (source rows with real images)
#   make reproduce DATA=DIR    the paper's protocol on the challenge's npz files in DIR
#   make weights SAMPLES=DIR1 SAMPLES2=DIR2   a model that segments unseen images: scripts/weights/recipe.mk
PNPM  := npx --yes $(shell node -p 'require("./package.json").packageManager')
BIN   := node_modules/.bin
BUILT := node_modules/.built
DEVICE ?= auto
# Exit code 1 says that some cases failed and were reported; the others are there.
SOME_MAY_FAIL = || [ $$? -eq 1 ]

.PHONY: setup setup-tensorflow demo reproduce test test-long check format bench bench-bundle docs clean
.DELETE_ON_ERROR:

setup: $(BUILT)
SOURCES := $(shell find packages scripts -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -not -path '*/fixtures/*' -not -name '*.wasm' -not -name '*.tsbuildinfo')
$(BUILT): package.json pnpm-lock.yaml tsconfig.json tsconfig.base.json $(SOURCES)
	$(PNPM) install --frozen-lockfile
	$(PNPM) run build
	@touch $@

# ---- sources -> preprocess -> coreset -> train -> simulate (unseen cases) -> eval --------------------------------------
ifdef SAMPLES
OUT     ?= demo/samples
# Rows of one subject stay on one side of the split; so do rows that share an image.
SUBJECT ?= STS_[0-9]+|TotalSegmentator_example_ct|SpinalCord|FetalMIAL
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
# What two cores can do in about three minutes; the paper's protocol is the commands' default and `make reproduce`.
TRAIN_FLAGS ?= --preset small --max-voxels 65536 --clicks 3 --accumulate 1 --lr 0.004 --epochs 13 --halve-at 7,9,11,12 --ema 0.97

$(OUT)/train.ndjson: $(OUT)/sources/.made
	$(BIN)/ensam-preprocess $(OUT)/sources/train.ndjson -o $(OUT)/data/train > $@ $(SOME_MAY_FAIL)
$(OUT)/validation.ndjson: $(OUT)/sources/.made
	$(BIN)/ensam-preprocess $(OUT)/sources/test.ndjson -o $(OUT)/data/validation > $@ $(SOME_MAY_FAIL)
$(OUT)/coreset.ndjson: $(OUT)/train.ndjson
	$(BIN)/ensam-coreset $< --budget 90% --fill --report > $@ $(SOME_MAY_FAIL)
$(OUT)/run/checkpoints/last.safetensors: $(OUT)/coreset.ndjson
	$(BIN)/ensam-train $< -o $(OUT)/run $(TRAIN_FLAGS) --device $(DEVICE) > $(OUT)/training.ndjson $(SOME_MAY_FAIL)
$(OUT)/predictions.ndjson: $(OUT)/validation.ndjson $(OUT)/run/checkpoints/last.safetensors
	$(BIN)/ensam-simulate $< --model $(OUT)/run --boxes made -o $(OUT)/predictions --device $(DEVICE) > $@ $(SOME_MAY_FAIL)
$(OUT)/scores.ndjson: $(OUT)/predictions.ndjson
	$(BIN)/ensam-eval $< --table --report $(OUT)/report.html --csv $(OUT)/scores.csv > $@ $(SOME_MAY_FAIL)
demo: $(OUT)/scores.ndjson
	@echo 'report: $(OUT)/report.html   curves: $(OUT)/run/curves.svg'

# ---- the same chain on the challenge's files, with the paper's numbers -------------------------------------------------
REPRODUCTION     ?= reproduction
TRAIN_NPZ        ?= $(firstword $(wildcard $(DATA)/3D_train_npz_all $(DATA)/train))
VALIDATION_NPZ   ?= $(firstword $(wildcard $(DATA)/3D_val_npz $(DATA)/validation))
VALIDATION_TRUTH ?= $(firstword $(wildcard $(DATA)/3D_val_gt/3D_val_gt_interactive $(DATA)/3D_val_gt_interactive_seg))
BUDGET           ?= 4471
REPRODUCE_FLAGS  ?=

$(REPRODUCTION)/train.ndjson: $(TRAIN_NPZ) | $(BUILT)
	@mkdir -p $(@D)
	$(BIN)/ensam-preprocess --index $(TRAIN_NPZ) > $@ $(SOME_MAY_FAIL)
$(REPRODUCTION)/validation.ndjson: $(VALIDATION_NPZ) | $(BUILT)
	@mkdir -p $(@D)
	$(BIN)/ensam-preprocess --index $(VALIDATION_NPZ) > $@ $(SOME_MAY_FAIL)
$(REPRODUCTION)/coreset.ndjson: $(REPRODUCTION)/train.ndjson
	$(BIN)/ensam-coreset $< --budget $(BUDGET) --exclude-dataset CT_Aorta --exclude-modality Microscopy --report > $@ $(SOME_MAY_FAIL)
$(REPRODUCTION)/run/checkpoints/last.safetensors: $(REPRODUCTION)/coreset.ndjson
	$(BIN)/ensam-train $< -o $(REPRODUCTION)/run $(REPRODUCE_FLAGS) --device $(DEVICE) > $(REPRODUCTION)/training.ndjson $(SOME_MAY_FAIL)
$(REPRODUCTION)/predictions.ndjson: $(REPRODUCTION)/validation.ndjson $(REPRODUCTION)/run/checkpoints/last.safetensors
	$(BIN)/ensam-simulate $< --model $(REPRODUCTION)/run $(if $(VALIDATION_TRUTH),--truth $(VALIDATION_TRUTH)) -o $(REPRODUCTION)/predictions --device $(DEVICE) > $@ $(SOME_MAY_FAIL)
$(REPRODUCTION)/scores.ndjson: $(REPRODUCTION)/predictions.ndjson
	$(BIN)/ensam-eval $< --table --report $(REPRODUCTION)/report.html --csv $(REPRODUCTION)/scores.csv > $@ $(SOME_MAY_FAIL)
reproduce: $(if $(DATA),$(REPRODUCTION)/scores.ndjson)
	@[ -n '$(DATA)' ] || { echo 'make reproduce: expected DATA=DIR with train/ and validation/ (or the names of the download), got none' >&2; exit 2; }

# ---- the weights in the box --------------------------------------------------------------------------------------------
.PHONY: weights weights-score weights-file
include scripts/weights/recipe.mk

# ---- tests, checks, benchmarks, docs -----------------------------------------------------------------------------------
test: setup
	$(BIN)/vitest run
# What takes minutes; each prints the seed it drew by.
test-long: setup
	TEST_LONG=1 $(BIN)/vitest run
check: setup
	$(BIN)/biome check .
	$(BIN)/tsc -p tsconfig.test.json
	$(BIN)/depcruise packages scripts --config .dependency-cruiser.cjs
format: setup
	$(BIN)/biome check --write .
bench: setup
	node scripts/dist/bench.js --device $(DEVICE) $(BENCH_FLAGS)
	node scripts/dist/benchScoring.js
# The same as files for a GPU machine without pnpm: `node bench.mjs --device webgpu` there, with the npm package webgpu at hand.
BUNDLE ?= bench-bundle
bench-bundle: setup
	node scripts/dist/bundle.js -o $(BUNDLE)
docs: setup
	node scripts/dist/docs.js
# TensorFlow's C library as device `tensorflow` (TENSORFLOW=tfjs-node: the processor's). It changes package.json and the lockfile here.
TENSORFLOW ?= tfjs-node-gpu
setup-tensorflow: setup
	$(PNPM) --filter @ensam/core add --save-dev --allow-build=@tensorflow/$(TENSORFLOW) @tensorflow/$(TENSORFLOW)@4.22.0
clean:
	rm -rf demo reproduction bench-bundle packages/*/dist scripts/dist packages/ensam-core/wasm $(BUILT)
	find packages scripts -name '*.tsbuildinfo' -not -path '*/node_modules/*' -delete
