# The weights in the box, from the collections to a file to ship:
#   make weights SAMPLES=DIR1 SAMPLES2=DIR2             data, then training at low priority until WEIGHTS_TIME; again to go on
#   make weights-score SAMPLES=DIR1 SAMPLES2=DIR2       the model and the three baselines on the test cases, official scores
#   make weights-file SAMPLES=DIR1 SAMPLES2=DIR2        the weights as half floats, into packages/weights
# What it does and why, and what was found: docs/weights.md.
WEIGHTS         ?= weights
WEIGHTS_TIME    ?= 10h
WEIGHTS_INIT    ?=
WEIGHTS_PROMPTS ?= both
# Samples of at most 44³ voxels, four clicks. The rate is halved late: a run that is stopped early still learns at its full rate.
WEIGHTS_FLAGS   ?= --preset small --prompts $(WEIGHTS_PROMPTS) --max-voxels 85184 --clicks 4 --no-box 0.2 --accumulate 2 --groups hidden \
                   --lr 0.004 --epochs 26 --halve-at 12,17,20,22,24 --ema 0.999 --checkpoint-every 100 --seed 1
W := $(WEIGHTS)

$(W)/sources/train.ndjson: scripts/weights/split.ndjson | $(BUILT)
	@[ -n '$(SAMPLES)' ] && [ -n '$(SAMPLES2)' ] || { echo 'make weights: expected SAMPLES=DIR and SAMPLES2=DIR, got not both' >&2; exit 2; }
	node scripts/dist/weightsData.js --samples $(SAMPLES) --samples2 $(SAMPLES2) -o $(W)/sources
$(W)/phantoms/train.ndjson: | $(BUILT)
	node scripts/dist/phantoms.js -o $(W)/phantoms --cases 30 --test 0 --size 56 --objects 8 --seed 11
$(W)/real.ndjson: $(W)/sources/train.ndjson
	$(BIN)/ensam-preprocess $< -o $(W)/data/real > $@ $(SOME_MAY_FAIL)
$(W)/phantoms.ndjson: $(W)/phantoms/train.ndjson
	$(BIN)/ensam-preprocess $< -o $(W)/data/phantoms > $@
$(W)/validation.ndjson: $(W)/sources/train.ndjson
	$(BIN)/ensam-preprocess $(W)/sources/validation.ndjson -o $(W)/data/validation > $@
$(W)/test.ndjson: $(W)/sources/train.ndjson
	$(BIN)/ensam-preprocess $(W)/sources/test.ndjson -o $(W)/data/test > $@ $(SOME_MAY_FAIL)
$(W)/synthetic.ndjson: $(W)/sources/train.ndjson
	$(BIN)/ensam-synthesize $(W)/sources/labelmaps.ndjson $< -o $(W)/data/synthetic --each 14 --overwrite > $@ $(SOME_MAY_FAIL)
$(W)/shapes.ndjson: | $(BUILT)
	@mkdir -p $(W)
	$(BIN)/ensam-synthesize --shapes 700 -o $(W)/data/shapes --overwrite > $@
$(W)/epoch.ndjson: $(W)/real.ndjson $(W)/synthetic.ndjson $(W)/shapes.ndjson $(W)/phantoms.ndjson
	node scripts/dist/weightsEpoch.js --count 4000 $(W)/real.ndjson=0.5 $(W)/synthetic.ndjson=0.3 $(W)/shapes.ndjson=0.12 $(W)/phantoms.ndjson=0.08 > $@

# Exit code 75: stopped after its time, to be gone on with.
weights: $(W)/epoch.ndjson $(W)/validation.ndjson
	nice -n 19 $(BIN)/ensam-train $(W)/epoch.ndjson -o $(W)/run $(WEIGHTS_FLAGS) $(if $(WEIGHTS_INIT),--init $(WEIGHTS_INIT)) \
	  --max-time $(WEIGHTS_TIME) --device $(DEVICE) > /dev/null || [ $$? -eq 75 ]

BASELINES := box ellipsoid random-walker
$(W)/predictions/%.ndjson: $(W)/test.ndjson
	@mkdir -p $(@D)
	$(BIN)/ensam-simulate $< --predictor '$(CURDIR)/$(BIN)/ensam-baseline $*' --name $* --renumber --boxes made -o $(W)/predictions/$* > $@ $(SOME_MAY_FAIL)
weights-score: $(W)/test.ndjson $(BASELINES:%=$(W)/predictions/%.ndjson)
	$(BIN)/ensam-simulate $< --model $(W)/run --name ensam --boxes made -o $(W)/predictions/ensam --device $(DEVICE) > $(W)/predictions/ensam.ndjson $(SOME_MAY_FAIL)
	$(BIN)/ensam-simulate $< --model $(W)/run --name ensam-clicks --boxes none -o $(W)/predictions/ensam-clicks --device $(DEVICE) > $(W)/predictions/ensam-clicks.ndjson $(SOME_MAY_FAIL)
	$(BIN)/ensam-eval $(BASELINES:%=$(W)/predictions/%.ndjson) $(W)/predictions/ensam.ndjson $(W)/predictions/ensam-clicks.ndjson --table --report $(W)/report.html --csv $(W)/scores.csv > $(W)/scores.ndjson $(SOME_MAY_FAIL)
	node scripts/dist/weightsTable.js $(W)/scores.ndjson
weights-file:
	node scripts/dist/weightsExport.js $(W)/run -o packages/weights/ensam-small.safetensors
