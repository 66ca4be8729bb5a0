# The paper's figure 4 and the questions it leaves open (section 4.5), at a size for two cores:
#   make ablation                         all arms and seeds, then figure and tables in ablation/; -j2 trains two runs at once
#   make ablation ARMS="base rope" SEEDS=1         some of them; SHARD=2/8 every eighth run, from the second on, as --shard
#   make ablation-run-rope-s1             one run: training, test, scores (a job array can take these)
#   make ablation-plan                    what there is to do, and how long it takes here
#   make ablation SAMPLES=DIR             real cases (DIR/cases.ndjson) in place of phantoms
#   make ablation-page                    figure and tables of the runs that are finished, into docs/ablation.md
# Again goes on where it stopped; what is finished is not done again. What was found: docs/ablation.md.
A := $(or $(ABLATION),ablation$(if $(SAMPLES),/samples))
ABLATION_PHANTOMS ?= --cases 22 --test 6 --size 24 --objects 4 --smallest 25 --thick 3 --seed 7
# One set of flags for all arms. The rate is the paper's and so are the parts of the training after which it is halved.
ABLATION_TRAIN ?= --preset tiny --max-voxels 13824 --clicks 3 --accumulate 1 --epochs 20 --halve-at 3,7,13 --validate-objects 2
ABLATION_STEPS ?= 2000

# Each differs from the base (LieRE, Muon, normalized attention, prompts that attend, voxels, four levels) in one thing.
ARM_base           :=
ARM_absolute-adamw := --position absolute --optimizer adamw
ARM_liere-adamw    := --optimizer adamw
ARM_standard       := --attention standard
ARM_rope           := --position rope
ARM_dense          := --prompts dense
ARM_both           := --prompts both
ARM_mm             := --coordinates mm
ARM_levels5        := --levels 5
ARM_muon-rate4     := --lr 0.004
ARM_adamw-rate05   := --optimizer adamw --lr 0.0005
ABLATION_ARMS := base absolute-adamw liere-adamw standard rope dense both mm levels5 muon-rate4 adamw-rate05
ARMS  ?= $(ABLATION_ARMS)
SEEDS ?= 1 2 3
armOf  = $(shell echo '$1' | sed 's/-s[0-9]*$$//')
seedOf = $(shell echo '$1' | sed 's/.*-s//')
ABLATION_RUNS = $(shell for seed in $(SEEDS); do for arm in $(ARMS); do echo $$arm-s$$seed; done; done \
  | awk -v shard='$(or $(SHARD),1/1)' 'BEGIN { if (shard !~ /^[1-9][0-9]*\/[1-9][0-9]*$$/) exit; split(shard, p, "/") } (NR - 1) % p[2] == p[1] - 1')

ifdef SAMPLES
$(A)/sources/.made: $(SAMPLES)/cases.ndjson | $(BUILT)
	node scripts/dist/splitSources.js $< -o $(A)/sources --subject '$(SUBJECT)'
	node scripts/dist/splitSources.js $(A)/sources/train.ndjson -o $(A)/sources/split --subject '$(SUBJECT)' --every 8
	@touch $@
else
$(A)/sources/.made: | $(BUILT)
	node scripts/dist/phantoms.js -o $(A)/sources $(ABLATION_PHANTOMS)
	node scripts/dist/splitSources.js $(A)/sources/train.ndjson -o $(A)/sources/split --every 11
	@touch $@
endif
$(A)/train.ndjson: $(A)/sources/.made
	$(BIN)/ensam-preprocess $(A)/sources/split/train.ndjson -o $(A)/data/train $(ROWS_TO_TARGET)
$(A)/validation.ndjson: $(A)/sources/.made
	$(BIN)/ensam-preprocess $(A)/sources/split/test.ndjson -o $(A)/data/validation $(ROWS_TO_TARGET)
$(A)/test.ndjson: $(A)/sources/.made
	$(BIN)/ensam-preprocess $(A)/sources/test.ndjson -o $(A)/data/test $(ROWS_TO_TARGET)

# A stamp, as in the demo: an interrupted training has saved, and goes on. The last weights are tested, not those that validate best.
# It is kept, by name: .SECONDARY for all is void beside the one of reproduction.mk.
.PRECIOUS: $(A)/runs/%/.trained
$(A)/runs/%/.trained: $(A)/train.ndjson $(A)/validation.ndjson
	@mkdir -p $(@D)
	$(BIN)/ensam-train $< -o $(@D) $(ABLATION_TRAIN) --max-steps $(ABLATION_STEPS) $(ARM_$(call armOf,$*)) --seed $(call seedOf,$*) \
	  --validate $(A)/validation.ndjson --device wasm --threads 1 --workers 0 --plain > /dev/null $(SOME_MAY_FAIL)
	@touch $@
# Objects that exclude each other are a matter of inference: the base's checkpoints answer a second time.
SIMULATE = $(BIN)/ensam-simulate $(A)/test.ndjson --model $(@D)/checkpoints/last.safetensors --crops case --device wasm --threads 1
$(A)/runs/%/scores.ndjson: $(A)/runs/%/.trained $(A)/test.ndjson
	$(SIMULATE) --name '$* box' --boxes made -o $(@D)/box > $(@D)/box.ndjson
	$(SIMULATE) --name '$* clicks' --boxes none -o $(@D)/clicks > $(@D)/clicks.ndjson
	$(if $(filter base,$(call armOf,$*)),$(SIMULATE) --exclusive --name 'exclusive-s$(call seedOf,$*) box' --boxes made -o $(@D)/exclusive-box > $(@D)/exclusive-box.ndjson)
	$(if $(filter base,$(call armOf,$*)),$(SIMULATE) --exclusive --name 'exclusive-s$(call seedOf,$*) clicks' --boxes none -o $(@D)/exclusive-clicks > $(@D)/exclusive-clicks.ndjson)
	$(BIN)/ensam-eval $(@D)/*box.ndjson $(@D)/*clicks.ndjson $(ROWS_TO_TARGET)

.PHONY: ablation ablation-plan ablation-page ablation-report
ablation: ablation-report
	@echo 'figure: $(A)/ablation.svg   tables: $(A)/ablation.md'
ifneq ($(filter ablation ablation-report ablation-plan,$(MAKECMDGOALS)),)
ifneq ($(filter-out $(ABLATION_ARMS),$(ARMS)),)
$(error ARMS: expected some of $(ABLATION_ARMS), got $(ARMS))
endif
ifeq ($(ABLATION_RUNS),)
$(error SHARD: expected I/N such as 2/8 with a run in it, got $(SHARD))
endif
ablation-report: $(ABLATION_RUNS:%=$(A)/runs/%/scores.ndjson)
endif
ablation-report:
	node scripts/dist/ablation.js report $(A)
ablation-run-%: $(A)/runs/%/scores.ndjson
	@echo 'scores: $<'
# A step of the base is measured first.
ablation-plan: $(A)/train.ndjson | $(BUILT)
	@$(BIN)/ensam-train --plan $(ABLATION_TRAIN) --shape 24,24,24 --device wasm --threads 1 \
	  | node scripts/dist/ablation.js plan $(A) --steps $(ABLATION_STEPS) $(ABLATION_RUNS)
ablation-page: | $(BUILT)
	node scripts/dist/ablation.js report $(A) --page docs/ablation.md
