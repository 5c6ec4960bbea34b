// Which files are photos.

// Those of telephones: not every system knows their type, and not every browser shows them.
export const OF_TELEPHONES = [".heic", ".heif", ".avif"];

const suffixOf = (name) => OF_TELEPHONES.find((suffix) => name.toLowerCase().endsWith(suffix));

export const hasType = ({ type }) => type.startsWith("image/");
export const isOfTelephone = (name) => Boolean(suffixOf(name));
export const isPhoto = (file) => hasType(file) || isOfTelephone(file.name);

// The photo with a type, without which Gradio does not take it.
export const typed = (file) =>
  hasType(file) ? file : new File([file], file.name, { type: `image/${suffixOf(file.name).slice(1)}` });
