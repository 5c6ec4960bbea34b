// Numbers as text.

const english = new Intl.NumberFormat("en");

// With commas between thousands.
export function grouped(value) {
  return english.format(value);
}

export function counted(count, noun) {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

export function ordinal(number) {
  const teen = number % 100 > 10 && number % 100 < 14;
  return `${number}${(!teen && { 1: "st", 2: "nd", 3: "rd" }[number % 10]) || "th"}`;
}

export function percent(probability, digits = 0) {
  const least = 1 / 10 ** (digits + 2);
  if (probability > 0 && probability < least / 2) return `< ${(100 * least).toFixed(digits)} %`;
  return `${(100 * probability).toFixed(digits)} %`;
}

export function score(value, digits = 2) {
  const unit = 10 ** digits;
  return (Math.round(unit * value) / unit + 0).toFixed(digits).replace("-", "−"); // + 0: never "-0"
}

export function duration(seconds) {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

// Of a file or folder, in thousands as disks are sold.
export function bytes(size) {
  if (size < 1e6) return `${Math.ceil(size / 1e3)} kB`;
  return size < 1e9 ? `${grouped(Math.round(size / 1e6))} MB` : `${(size / 1e9).toFixed(1)} GB`;
}
