// Photos, and what the network saw of them, by the keys of their content: the server sends each once.

const MOST = 12; // pictures

const pictures = new Map(); // key -> data URL, those used last at the end

// The inputs of a caption's event, with the keys that are here in place of the explorer's value.
export function withKnown(photo, model, _value, ...settings) {
  return [photo, model, [...pictures.keys()], ...settings];
}

// A value of the page with both of its pictures, sent just now or before.
export function completed(value) {
  const whole = { ...value };
  for (const [name, key] of Object.entries(value.keys ?? {})) {
    const picture = value[name] ?? pictures.get(key);
    pictures.delete(key);
    if (!picture) continue; // the opening result has only its photo
    whole[name] = picture;
    pictures.set(key, picture);
  }
  while (pictures.size > MOST) pictures.delete(pictures.keys().next().value);
  return whole;
}
