#!/usr/bin/env bash
# Makes checkpoints/transformer again, on the backbone of checkpoints/default, which it shares: about an
# hour on two cores.
#
#   checkpoints/make_transformer.sh DATA WORK
#
# DATA and WORK are those of make_default.sh.
set -euo pipefail
data=$1 work=$2
checkpoints=$(dirname "$0")

python -m captioner train --data "$data/everyday" --data "$data/flickr8k" \
    --backbone "$checkpoints/default" --features "$work/features" \
    --design transformer --layers 2 --heads 4 --attention 80 --units 320 --embedding 320 \
    --attention-supervision 5 --epochs 6 --batch-size 160 --peak-rate 1e-3 --warmup 400 \
    --dropout 0.2 --average 2 --out "$work/transformer"

python - "$work/transformer/checkpoints/best" "$checkpoints/transformer" <<'PYTHON'
import sys

from captioner import checkpoints

best, out = sys.argv[1:]
checkpoints.copy(best, out)
checkpoints.share_backbone(out, "default")
PYTHON
