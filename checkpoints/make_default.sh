#!/usr/bin/env bash
# Makes checkpoints/default again, from random weights and data alone: about a day on two cores, and
# from stage 4 on half an hour on a GPU.
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

# 4. Backbone and decoder learn from captions together. This and the next stage ran on a GPU.
run train $both --start "$work/captions/checkpoints/best" --tune --crops 3 \
    --attention-supervision 5 --epochs 6 --batch-size 160 --peak-rate 2e-4 --dropout 0.25 \
    --average 3 --out "$work/tuned"

# 5. And from their own sentences, by how near they come to people's.
critical() { # START OUT OPTIONS
    run train $both --start "$work/$1/checkpoints/best" --out "$work/$2" --tune --crops 3 \
        --self-critical --attention-supervision 0.3 --hallucination-penalty 0.3 --batch-size 320 \
        --dropout 0.1 --weight-decay 0 --average 3 "${@:3}"
}
critical tuned critical --epochs 8 --peak-rate 1e-4 --warmup 60 # the bundled one: 5 of 8 epochs
critical critical balanced --epochs 3 --peak-rate 6e-5 --warmup 40 --balance-data-sets # 2 of 3

# 6. The mean of both results.
python - "$work"/{critical,balanced}/checkpoints/best "$work/mean" <<'PYTHON'
import sys

import numpy as np

from captioner import checkpoints
from captioner.training import calibration

*results, out = sys.argv[1:]
results = [checkpoints.load(result) for result in results]
temperature = float(np.mean([result.config["temperature"] for result in results]))
for result in results:
    calibration.soften(result.decoder, temperature / result.config["temperature"])
*_, last = results
for networks in zip(*((one.decoder, one.backbone.network) for one in results)):
    weights = zip(*(network.get_weights() for network in networks))
    networks[-1].set_weights([np.mean(same, axis=0) for same in weights])
last.config["temperature"] = temperature
checkpoints.save(out, last)
PYTHON

# 7. On two cores, the decoder alone learned on from its own sentences.
run train $both --start "$work/mean" --features "$work/features" --out "$work/last" --self-critical \
    --balance-data-sets --attention-supervision 0.3 --hallucination-penalty 0.1 --batch-size 320 \
    --epochs 3 --peak-rate 5e-5 --warmup 40 --dropout 0.1 --weight-decay 0 --average 3
python -c 'import sys; from captioner import checkpoints; checkpoints.copy(*sys.argv[1:])' \
    "$work/last/checkpoints/best" "$(dirname "$0")/default"
