#!/usr/bin/env bash
# Makes checkpoints/default again, from random weights and data alone: about a day on two cores.
#
#   checkpoints/make_default.sh DATA WORK
#
# DATA holds `flickr8k/` and `everyday/` (photos, captions and boxes, see checkpoints/default) and
# `teacher/`, a MobileNetV2 as a quantised TensorFlow Lite file. WORK gets one folder a stage;
# called again, it goes on where it was.
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

# 4. And from its own sentences, by how near they come to people's.
run train $both --start "$work/captions/checkpoints/best" --features "$work/features" \
    --self-critical --attention-supervision 1 --epochs 5 --batch-size 320 --peak-rate 1e-4 \
    --warmup 60 --dropout 0.1 --weight-decay 0 --average 3 --out "$work/critical"

cp "$work"/critical/checkpoints/best/* "$(dirname "$0")/default/"
