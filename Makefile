# Each line calls one command. `make demo` is the main job, `make test` proves it.
#   make demo                       the whole pipeline on made phantoms
#   make demo SAMPLES=DIR           the same on DIR/cases.ndjson (source rows with real images)
#   make reproduce DATA=DIR         the paper's protocol on DIR/train and DIR/validation in the challenge's layout
PNPM  := npx --yes $(shell node -p 'require("./package.json").packageManager')
BIN   := node_modules/.bin
BUILT := node_modules/.built

.PHONY: setup demo reproduce test check format bench docs clean
.DELETE_ON_ERROR:
.SECONDARY:

setup: $(BUILT)
SOURCES := $(shell find packages scripts -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -not -path '*/fixtures/*' -not -name '*.wasm')
$(BUILT): package.json pnpm-lock.yaml tsconfig.json tsconfig.base.json $(SOURCES)
	$(PNPM) install --frozen-lockfile
	$(PNPM) run build
	touch $@

# ---- the demo: sources -> preprocess -> coreset -> train -> simulate -> eval -------------------------------------------
DEVICE ?= auto
ifdef SAMPLES
OUT     ?= demo/samples
SUBJECT ?= STS_[0-9]+|TotalSegmentator_example_ct|SpinalCord|FetalMIAL
else
OUT     ?= demo/phantoms
endif
TRAIN_FLAGS ?= --preset tiny --max-voxels 32768 --accumulate 1 --epochs 1000 --max-steps 500 --halve-at 1000
# Exit code 1 means that some cases failed and were reported; the others are there.
SOME_MAY_FAIL = || [ $$? -eq 1 ]

ifdef SAMPLES
$(OUT)/sources/.made: $(SAMPLES)/cases.ndjson | $(BUILT)
	node scripts/dist/splitSources.js $(SAMPLES)/cases.ndjson -o $(OUT)/sources --subject '$(SUBJECT)'
	touch $@
else
$(OUT)/sources/.made: | $(BUILT)
	node scripts/dist/phantoms.js -o $(OUT)/sources --cases 12 --test 3 --seed 1
	touch $@
endif
$(OUT)/%.ndjson: $(OUT)/sources/.made
	$(BIN)/ensam-preprocess $(OUT)/sources/$*.ndjson -o $(OUT)/data/$* > $@ $(SOME_MAY_FAIL)
$(OUT)/coreset.ndjson: $(OUT)/train.ndjson
	$(BIN)/ensam-coreset $< --budget 90% --seed 1 --report > $@
$(OUT)/run/checkpoints/last.safetensors: $(OUT)/coreset.ndjson
	$(BIN)/ensam-train $< -o $(OUT)/run $(TRAIN_FLAGS) --device $(DEVICE) > $(OUT)/train.log.ndjson
$(OUT)/predictions.ndjson: $(OUT)/test.ndjson $(OUT)/run/checkpoints/last.safetensors
	$(BIN)/ensam-simulate $(OUT)/test.ndjson --model $(OUT)/run -o $(OUT)/predictions --device $(DEVICE) > $@ $(SOME_MAY_FAIL)
$(OUT)/scores.ndjson: $(OUT)/predictions.ndjson
	$(BIN)/ensam-eval $< --report $(OUT)/report.html --table > $@ $(SOME_MAY_FAIL)

demo: $(OUT)/scores.ndjson
	@echo "report: $(OUT)/report.html"
