import type { HeaderFormat } from '../targets/target.js';
import { bareLines } from './bare-lines.js';
import type { Format } from './format.js';
import { json } from './json.js';
import { toml } from './toml.js';
import { yaml } from './yaml.js';

/** How each header format is written and read. */
export const FORMATS: { readonly [F in HeaderFormat]: Format } = { yaml, toml, json, 'bare-lines': bareLines };
