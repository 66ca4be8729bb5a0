#!/bin/sh
# What a reproduction's folder was made of, in FOLDER/settings.txt, a line NAME=VALUE each.
#   reproductionSettings.sh values '' NAME=VALUE ...      prints what is wrong with the values themselves, else nothing
#   reproductionSettings.sh check FOLDER NAME=VALUE ...   that, and what differs from what the folder was made of
#   reproductionSettings.sh keep FOLDER NAME=VALUE ...    writes the file, if it would change
mode=$1 folder=$2
shift 2
file=$folder/settings.txt

# What is there once results depend on a setting; before that it may still change. Other settings change no result.
depends() {
  case $1 in
    DATA | TRAIN_NPZ | VALIDATION_NPZ) echo "$file" ;;
    BUDGET) echo "$folder/coreset.ndjson" ;;
    REPRODUCE_FLAGS) echo "$folder/run/.trained" ;; # Until then ensam-train itself refuses what would change the run.
    VALIDATION_TRUTH) echo "$folder/predictions" ;;
  esac
}

matches() { printf '%s\n' "$1" | grep -Eqx "$2"; }

expected() {
  name=${1%%=*} value=${1#*=}
  case $name in
    SHARDS) matches "$value" '[1-9][0-9]{0,4}|100000' || echo "$name: expected a whole number from 1 to 100000, got ${value:-nothing}" ;;
    JOBS) matches "$value" '[1-9][0-9]*' || echo "$name: expected a whole number of at least 1, got ${value:-nothing}" ;;
    BUDGET)
      matches "$value" '[1-9][0-9]{0,14}' || { matches "$value" '(100(\.0+)?|[0-9]{1,2}(\.[0-9]+)?)%' && matches "$value" '.*[1-9].*'; } ||
        echo "$name: expected a count such as 4471 or a share such as 10%, got ${value:-nothing}"
      ;;
    TRAIN_NPZ | VALIDATION_NPZ)
      [ -n "$(find -L "$value" -name '*.npz' -print -quit 2> /dev/null)" ] || echo "$name: expected npz files in $value, got none"
      ;;
  esac
}

differs() {
  name=${1%%=*}
  kept=$(grep "^$name=" "$file" 2> /dev/null) || return 0
  if [ -e "$(depends "$name")" ] && [ "$kept" != "$1" ]; then
    echo "$folder/: expected $kept as when it was begun, got $1 (REPRODUCTION=DIR begins another; remove the folder to begin anew)"
  fi
}

case $mode in
  keep)
    mkdir -p "$folder" || exit
    for given; do [ -z "$(depends "${given%%=*}")" ] || printf '%s\n' "$given"; done > "$file.$$" || exit
    if cmp -s "$file.$$" "$file"; then rm -f "$file.$$"; else mv "$file.$$" "$file"; fi
    ;;
  *)
    for given; do expected "$given"; done | head -n 1 | grep . && exit
    [ "$mode" = values ] || for given; do differs "$given"; done | head -n 1
    ;;
esac
