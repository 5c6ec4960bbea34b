// From the photo to the chosen word, step by step.
