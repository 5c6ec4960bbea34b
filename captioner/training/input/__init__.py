"""What a training reads: photos, captions, features, and the batches of them."""
