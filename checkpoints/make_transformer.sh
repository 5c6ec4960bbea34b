#!/usr/bin/env bash
# Makes checkpoints/transformer again, on the backbone of checkpoints/default, which it shares: about an
# hour and a quarter on two cores.
#
#   checkpoints/make_transformer.sh DATA WORK
#
# DATA and WORK are those of make_default.sh.
set -euo pipefail
data=$1 work=$2
checkpoints=$(dirname "$0")

# 1. Captions by people and by a model; attention is supervised where there are boxes.
python -m captioner train --data "$data/everyday" --data "$data/flickr8k" \
    --backbone "$checkpoints/default" --features "$work/features" \
    --design transformer --layers 2 --heads 4 --attention 80 --units 320 --embedding 320 \
    --attention-supervision 5 --epochs 6 --batch-size 160 --peak-rate 1e-3 --warmup 400 \
    --dropout 0.2 --average 2 --out "$work/transformer-1"

# 2. Self-critical: it learns from captions of its own, twice for one epoch.
critical() { # START OUT SEED
    python -m captioner train --data "$data/everyday" --data "$data/flickr8k" \
        --start "$work/$1/checkpoints/best" --features "$work/features" --seed "$3" \
        --self-critical --balance-data-sets --attention-supervision 0.3 --hallucination-penalty 0.1 \
        --written-weight 0.2 --epochs 1 --batch-size 320 --peak-rate 5e-5 --warmup 40 \
        --dropout 0.1 --weight-decay 0 --average 1 --out "$work/$2"
}
critical transformer-1 transformer-2 0
critical transformer-2 transformer-3 1

cp "$checkpoints/transformer/README.md" "$work" # a new checkpoint replaces the whole folder
python - "$work/transformer-3/checkpoints/best" "$checkpoints/transformer" <<'PYTHON'
import sys

from captioner import checkpoints

best, out = sys.argv[1:]
checkpoints.copy(best, out)
checkpoints.share_backbone(out, "default")
PYTHON
cp "$work/README.md" "$checkpoints/transformer"
