# The paper's protocol on the challenge's files, stage by stage (docs/reproduction.md). Every stage is a file that a second call does not
# make again; what works case by case is made in SHARDS parts, here one after another (`make -j`: at once), by `make submit` as Slurm's job arrays.
#   make plan DATA=DIR         cases, sizes, hours and disk of each stage, before anything is spent
#   make reproduce DATA=DIR    all of it; stopped at any moment, the same command goes on; other data or settings are refused
#   make submit DATA=DIR SHARDS=N [SBATCH=... SBATCH_TRAIN=--gpus=1]    the same through Slurm (DRY_RUN=1 prints the batch scripts)
REPRODUCTION     ?= reproduction
TRAIN_NPZ        ?= $(firstword $(wildcard $(DATA)/3D_train_npz_all $(DATA)/train))
VALIDATION_NPZ   ?= $(firstword $(wildcard $(DATA)/3D_val_npz $(DATA)/validation))
VALIDATION_TRUTH ?= $(firstword $(wildcard $(DATA)/3D_val_gt/3D_val_gt_interactive $(DATA)/3D_val_gt_interactive_seg))
# At most a tenth of the training cases, of the challenge's 44,710; a share such as 10% too.
BUDGET           ?= 4471
REPRODUCE_FLAGS  ?=
# Cases to draw, with commas; without, the best, the median and the worst of each modality.
FIGURE_CASES     ?=
SHARDS           ?= 1
# Cases at once within a part.
JOBS             ?= $(shell getconf _NPROCESSORS_ONLN)
R                := $(REPRODUCTION)

HAS_DATA = $(and $(DATA),$(TRAIN_NPZ),$(VALIDATION_NPZ))
# What the results depend on is kept in settings.txt, and the folder does not go on with anything else. Before anything runs, and for jobs of Slurm too.
quoted   = '$(subst ','\'',$(1))'
NUMBERS  = $(foreach name,SHARDS JOBS BUDGET,$(call quoted,$(name)=$(strip $($(name)))))
SETTINGS = $(NUMBERS) $(if $(HAS_DATA),$(foreach name,DATA TRAIN_NPZ VALIDATION_NPZ VALIDATION_TRUTH,$(call quoted,$(name)=$(abspath $($(name))))) \
           $(call quoted,REPRODUCE_FLAGS=$(strip $(REPRODUCE_FLAGS))))
MAKES_REPRODUCTION := $(filter reproduce submit $(R)/%,$(MAKECMDGOALS))
ifneq ($(or $(MAKES_REPRODUCTION),$(filter plan,$(MAKECMDGOALS))),)
REFUSAL := $(shell scripts/reproductionSettings.sh $(if $(MAKES_REPRODUCTION),check,values) $(call quoted,$(R)) $(SETTINGS))
ifneq ($(REFUSAL),)
$(error $(REFUSAL))
endif
endif
.PHONY: keep-settings
keep-settings:
	@$(if $(HAS_DATA),scripts/reproductionSettings.sh keep $(call quoted,$(R)) $(SETTINGS))

part_of = $(R)/parts/$(1)-%-of-$(SHARDS).ndjson
parts    = $(patsubst %,$(part_of),$(shell seq $(SHARDS)))
# A part may be empty, and all of its cases may have failed (3): the whole stage is judged when the parts are put together.
PART_TO_TARGET = > $@.part || { code=$$?; [ $$code -eq 1 ] || { [ $$code -eq 3 ] && [ -s $@.part ]; } || exit $$code; }; \
                 mv $@.part $@ && rm -f $@.kept
# What an interrupted run has done of a part: its whole rows of a type, unless what they were made from has changed.
keep = @mkdir -p $(@D); if [ -e $@.kept ] && [ $< -nt $@.kept ]; then rm -f $@.kept; fi; \
       if [ -s $@.part ] && ! [ $< -nt $@.part ]; then touch -r $@.part $@.time; touch -a $@.kept; \
         { cat $@.kept; head -n $$(wc -l < $@.part) $@.part; } | grep '"type":"$(1)"' | sort -u > $@.kept.new; \
         touch -r $@.time $@.kept.new; mv $@.kept.new $@.kept; rm -f $@.time; fi; rm -f $@.part
# The parts' rows by turns, which is the order of one machine.
MERGE = paste -d '\n' $^ | sed '/^$$/d' > $@.part && \
        { grep -qv '"type":"failure"' $@.part || { echo 'make reproduce: every case failed: $@.part' >&2; exit 3; }; } && mv $@.part $@

.SECONDARY: $(foreach stage,train validation predictions scores,$(call parts,$(stage)))
$(call part_of,train): $(TRAIN_NPZ) | $(BUILT) keep-settings
	$(call keep,case)
	$(BIN)/ensam-preprocess --index $(TRAIN_NPZ) $$([ ! -s $@.kept ] || echo --known $@.kept) --shard $*/$(SHARDS) -j $(JOBS) $(PART_TO_TARGET)
$(call part_of,validation): $(VALIDATION_NPZ) | $(BUILT) keep-settings
	$(call keep,case)
	$(BIN)/ensam-preprocess --index $(VALIDATION_NPZ) $$([ ! -s $@.kept ] || echo --known $@.kept) --shard $*/$(SHARDS) -j $(JOBS) $(PART_TO_TARGET)
$(R)/train.ndjson: $(call parts,train)
	@$(MERGE)
$(R)/validation.ndjson: $(call parts,validation)
	@$(MERGE)
$(R)/coreset.ndjson: $(R)/train.ndjson
	$(BIN)/ensam-coreset $< --budget $(BUDGET) --exclude-dataset CT_Aorta --exclude-modality Microscopy --report $(ROWS_TO_TARGET)
# A stamp, never a checkpoint: an interrupted training has saved, and the next make goes on from there.
$(R)/run/.trained: $(R)/coreset.ndjson
	$(BIN)/ensam-train $< -o $(@D) $(REPRODUCE_FLAGS) --device $(DEVICE) > /dev/null $(SOME_MAY_FAIL)
	@cp $(@D)/log.ndjson $(R)/training.ndjson && touch $@
$(call part_of,predictions): $(R)/validation.ndjson $(R)/run/.trained
	@mkdir -p $(@D)
	$(BIN)/ensam-simulate $< --model $(R)/run --crops case $(if $(VALIDATION_TRUTH),--truth $(VALIDATION_TRUTH)) --shard $*/$(SHARDS) -o $(R)/predictions --device $(DEVICE) $(PART_TO_TARGET)
$(call part_of,scores): $(call part_of,predictions)
	$(call keep,score)
	if [ -s $< ]; then $(BIN)/ensam-eval $$([ ! -s $@.kept ] || echo $@.kept) $< -j $(JOBS); fi $(PART_TO_TARGET)
$(R)/scores.ndjson: $(call parts,scores) $(call parts,predictions)
	$(BIN)/ensam-eval $^ --table --report $(R)/report.html --csv $(R)/scores.csv --figures $(R)/figures $(if $(FIGURE_CASES),--figure-cases '$(FIGURE_CASES)') $(ROWS_TO_TARGET)
	@echo '$(FIGURE_CASES)' > $(R)/figure-cases.txt
# Other figures are only another report.
ifneq ($(shell cat $(R)/figure-cases.txt 2> /dev/null),$(FIGURE_CASES))
.PHONY: $(R)/scores.ndjson
endif

need_data = @[ -n '$(HAS_DATA)' ] || { echo 'make $@: expected DATA=DIR with train/ and validation/ (or the names of the download), got $(if $(DATA),DATA=$(DATA) without $(if $(TRAIN_NPZ),,train/ )$(if $(VALIDATION_NPZ),,validation/),none)' >&2; exit 2; }

.PHONY: reproduce plan submit
reproduce: $(if $(HAS_DATA),keep-settings $(R)/scores.ndjson)
	$(need_data)
PLAN_FLAGS ?=
plan: | $(BUILT)
	$(need_data)
	@node scripts/dist/plan.js --train $(TRAIN_NPZ) --validation $(VALIDATION_NPZ) $(if $(VALIDATION_TRUTH),--truth $(VALIDATION_TRUTH)) --budget $(BUDGET) --shards $(SHARDS) $(PLAN_FLAGS)
# Options of sbatch: for all jobs, for training, for prediction.
SBATCH          ?=
SBATCH_TRAIN    ?=
SBATCH_SIMULATE ?=
# Jobs may start with another environment (sbatch --export=NONE): what came from it is said.
FROM_ENVIRONMENT = $(foreach name,DATA TRAIN_NPZ VALIDATION_NPZ VALIDATION_TRUTH BUDGET REPRODUCE_FLAGS FIGURE_CASES REPRODUCTION DEVICE JOBS,$(if \
                   $(filter environment,$(origin $(name))),$(call quoted,$(name)=$($(name)))))
submit: $(if $(DRY_RUN),,keep-settings) | $(BUILT)
	$(need_data)
	@node scripts/dist/reproductionJobs.js --folder $(R) --shards $(SHARDS) --train='$(SBATCH_TRAIN)' --simulate='$(SBATCH_SIMULATE)' -- $(FROM_ENVIRONMENT) $(MAKEOVERRIDES) | \
	  $(BIN)/ensam-submit --logs $(R)/slurm $(foreach option,$(SBATCH),--sbatch=$(option)) $(if $(DRY_RUN),--dry-run)
