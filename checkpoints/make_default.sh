#!/usr/bin/env bash
# Makes checkpoints/default again, from random weights and data alone: about a day on two cores, and
# from stage 4 on an hour on a GPU.
#
#   checkpoints/make_default.sh DATA WORK
#
# DATA holds `flickr8k/` and `everyday/` (photos, captions and boxes, see checkpoints/default) and
# `teacher/`, a MobileNetV2 as a quantised TensorFlow Lite file. WORK gets one folder a stage;
# called again, it goes on where it was.
#
# checkpoints/transformer shares its backbone, so make_transformer.sh must follow.
set -euo pipefail
data=$1 work=$2
photos="$data/flickr8k $data/everyday"
both="--data $data/everyday --data $data/flickr8k"
run() { python -m captioner "$@"; }

# 1. The backbone learns from a teacher's blocks, first apart, then together.
distil() {
    run distil --photos $photos --teacher "$data/teacher/mobilenet_v2_1.0_224_quant.tflite" \
        --no-mixed "$@"
}
distil --steps 2600 --apart 1800 --out "$work/distilled"
distil --steps 3600 --apart 2600 --start "$work/distilled/backbone" --out "$work/distilled2"

# 2. Its cells learn what lies in them.
run localise $both --backbone "$work/distilled2/backbone" --out "$work/localised"

# 3. A decoder learns from captions, its attention from boxes.
run train $both --backbone "$work/localised/backbone" --features "$work/features" \
    --attention-supervision 5 --epochs 6 --batch-size 160 --peak-rate 1.2e-3 --dropout 0.2 \
    --average 3 --out "$work/captions"

# 4. Backbone and decoder learn from captions together. From here on a GPU was used.
tune() { # START OUT OPTIONS
    run train $both --start "$work/$1/checkpoints/best" --out "$work/$2" --tune "${@:3}"
}
supervised="--attention-supervision 5 --batch-size 160 --peak-rate 2e-4"
tune captions tuned $supervised --crops 3 --epochs 6 --dropout 0.25 --average 3
tune tuned longer $supervised --crops 5 --epochs 12 --dropout 0.3 --average 4

# 5. And from their own sentences, by how near they come to people's: twice, from the same start.
critical() { # OUT OPTIONS
    tune longer "$1" --self-critical --balance-data-sets --crops 5 --attention-supervision 0.3 \
        --hallucination-penalty 0.1 --batch-size 320 --warmup 60 --dropout 0.1 --weight-decay 0 \
        --average 3 --no-mixed "${@:2}"
}
critical critical --epochs 5 --peak-rate 5e-5 --written-weight 0.2 --seed 2 # bundled: 4 of 5 epochs
critical faster --epochs 6 --peak-rate 1e-4 --written-weight 0.1 --seed 1 # bundled: 4 of 6 epochs

# 6. The mean of both results, in which the first counts twice.
default=$(dirname "$0")/default
cp "$default/README.md" "$work" # a new checkpoint replaces the whole folder
python - "$work"/{faster,critical}/checkpoints/best "$default" <<'PYTHON'
import sys

import numpy as np

from captioner import checkpoints
from captioner.training import calibration

*results, out = sys.argv[1:]
results = [checkpoints.load(result) for result in results]
shares = [1 / 3, 2 / 3]
temperature = float(np.average([one.config["temperature"] for one in results], weights=shares))
for one in results:
    calibration.soften(one.decoder, temperature / one.config["temperature"])
*_, last = results
for networks in zip(*((one.decoder, one.backbone.network) for one in results)):
    weights = zip(*(network.get_weights() for network in networks))
    networks[-1].set_weights([np.average(same, axis=0, weights=shares) for same in weights])
last.config["temperature"] = temperature
checkpoints.save(out, last)
PYTHON
cp "$work/README.md" "$default"
