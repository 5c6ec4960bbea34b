// Values for the page's controls that come from elsewhere: a stored result, or an address.

let wanted = {};

// Sets controls by name; the others stay.
export function setControls(explorer, values) {
  wanted = values;
  explorer.trigger("controls");
}

// Called by the page: the values of these controls, undefined for those that stay.
export function controlValues(names) {
  return names.map((name) => wanted[name]);
}
