// Which words of two sentences correspond.

// Pairs of indices of corresponding words: those of the longest common subsequence, and between them
// words at the same place. A word without a partner is paired with null.
export function align(one, other) {
  const length = Array.from({ length: one.length + 1 }, () => new Array(other.length + 1).fill(0));
  for (let i = one.length - 1; i >= 0; i--) {
    for (let j = other.length - 1; j >= 0; j--) {
      length[i][j] = one[i] === other[j] ? length[i + 1][j + 1] + 1
        : Math.max(length[i + 1][j], length[i][j + 1]);
    }
  }
  const pairs = [];
  let [i, j] = [0, 0];
  let [fromI, fromJ] = [0, 0]; // since the last common word
  const close = () => {
    for (; fromI < i || fromJ < j; fromI++, fromJ++) {
      pairs.push([fromI < i ? fromI : null, fromJ < j ? fromJ : null]);
    }
  };
  while (i < one.length && j < other.length) {
    if (one[i] === other[j]) {
      close();
      pairs.push([i++, j++]);
      [fromI, fromJ] = [i, j];
    } else if (length[i + 1][j] >= length[i][j + 1]) i += 1;
    else j += 1;
  }
  [i, j] = [one.length, other.length];
  close();
  return pairs;
}
