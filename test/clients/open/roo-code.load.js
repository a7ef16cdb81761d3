/** The modes of .roomodes, read as the extension reads them: characters made plain, YAML, and its own schema. */
import { existsSync, readFileSync } from 'node:fs';
import * as types from '@roo-code/types';
import { parse } from 'yaml';

/** What src/core/config/CustomModesManager.ts of RooCodeInc/Roo-Code replaces in the text of the file before it is parsed. */
const PLAIN = [
  [/[\u2018\u2019]/g, "'"],
  [/[\u201c\u201d]/g, '"'],
  [/[\u2010-\u2015\u2212]/g, '-'],
  [/\u00a0/g, ' '],
  [/\u200b|\u200c|\u200d/g, ''],
];

const { modes, refused } = read('.roomodes');
console.log(JSON.stringify({ modes, refused, groups: types.toolGroups, keys: Object.keys(types.modeConfigSchema.shape) }));

function read(file) {
  if (!existsSync(file)) return { modes: [], refused: [] };
  let text = readFileSync(file, 'utf8').replace(/^\ufeff/, '');
  for (const [pattern, plain] of PLAIN) text = text.replaceAll(pattern, plain);
  try {
    const { success, data, error } = types.customModesSettingsSchema.safeParse(parse(text));
    if (success) return { modes: data.customModes, refused: [] };
    return { modes: [], refused: error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) };
  } catch (error) {
    return { modes: [], refused: [error.message] };
  }
}
