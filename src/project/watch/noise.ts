/** Files that editors and systems make beside the ones that a person edits. */

const NOISE = [
  // vim: a file to test the folder with, swap files, backups.
  /^(?:4913|5036|5159)$/,
  /^\..*\.sw[a-z]$|\.kate-swp$/,
  /~$/,
  // Emacs: locks and autosaves.
  /^\.?#/,
  // JetBrains: the new text before it takes the place of the old one.
  /___jb_(?:tmp|old)___$/,
  /\.tmp$/i,
  /^\.goutputstream-/,
  // `sed -i`: the new text before it takes the place of the old one.
  /^sed[A-Za-z0-9]{6}$/,
  // Chromium's and macOS's.
  /\.crswap$/,
  /^\.DS_Store$|^\._/,
];

/** Whether a file of this name is of no interest to anybody but the program that made it. */
export const isNoise = (name: string): boolean => NOISE.some((pattern) => pattern.test(name));
