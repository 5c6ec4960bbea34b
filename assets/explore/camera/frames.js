// Frames of a video: one at a time to the server, or one at full size as a file.

// Of JPEG. With 0.85, half of the captions are not those of the photo itself; with 0.92, a quarter.
const QUALITY = { live: 0.92, still: 0.95 };
const NO_SERVER = "The server does not answer: the live camera goes on as soon as it does.";

// Sends frames at the size that the captioner takes, so that the server need not resize them: all of
// the frame squashed to a square, as the captioner does with photos (captioner/photos.py).
export class Sender {
  #side = 224; // pixels, until the first answer says what the captioner takes
  #canvas = document.createElement("canvas");

  // Resolves to the caption of the video's current frame, {words, probabilities, maps, chosen, grid,
  // attends, size}, or to {error: sentence, retry}. Rejects if `signal` is aborted.
  async send(video, checkpoint, signal) {
    const frame = await this.#frame(video);
    const url = new URL("live", document.baseURI);
    url.search = new URLSearchParams({ checkpoint });
    try {
      const response = await fetch(url, {
        method: "POST",
        body: frame,
        headers: { "Content-Type": frame.type },
        signal,
      });
      const answer = await response.json();
      this.#side = answer.size ?? this.#side;
      return answer;
    } catch (error) {
      if (signal.aborted) throw error;
      return { error: NO_SERVER, retry: true };
    }
  }

  #frame(video) {
    const canvas = this.#canvas;
    canvas.width = canvas.height = this.#side;
    draw(video, canvas);
    return jpeg(canvas, QUALITY.live);
  }
}

// The video's current frame at the camera's own size, as a file.
export async function still(video) {
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  draw(video, canvas);
  return new File([await jpeg(canvas, QUALITY.still)], "camera.jpg", { type: "image/jpeg" });
}

function draw(video, canvas) {
  const context = canvas.getContext("2d", { alpha: false });
  context.imageSmoothingQuality = "high";
  context.drawImage(video, 0, 0, canvas.width, canvas.height);
}

function jpeg(canvas, quality) {
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
}
