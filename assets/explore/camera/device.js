// The camera of this device: opening it, switching to another one, and why it cannot be used.

const INSECURE = "The browser lets a page use the camera only over https or on localhost: open this page there.";
const REASONS = {
  NotAllowedError: "The browser does not let this page use the camera: allow it in the browser's settings for this page.",
  NotFoundError: "No camera was found: connect one and try again, or choose a photo.",
  NotReadableError: "The camera does not answer: close other programs that use it and try again.",
};
const SIZE = { width: { ideal: 1280 }, height: { ideal: 720 } };

// A stream of the camera with this id; without one, of the camera at the back if there is one.
// Resolves to {stream} or {error: sentence}.
export async function openCamera(id = null) {
  if (!isSecureContext || !navigator.mediaDevices) return { error: INSECURE };
  const which = id ? { deviceId: { exact: id } } : { facingMode: { ideal: "environment" } };
  try {
    return { stream: await navigator.mediaDevices.getUserMedia({ video: { ...SIZE, ...which } }) };
  } catch ({ name }) {
    return { error: REASONS[name] ?? REASONS.NotReadableError };
  }
}

// The id of the camera that comes after that of the stream; null if there is only one.
export async function nextCamera(stream) {
  const devices = await navigator.mediaDevices.enumerateDevices();
  const ids = devices.filter(({ kind }) => kind === "videoinput").map(({ deviceId }) => deviceId);
  if (ids.length < 2) return null;
  const { deviceId } = stream.getVideoTracks()[0].getSettings();
  return ids[(ids.indexOf(deviceId) + 1) % ids.length];
}

export function closeCamera(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}
