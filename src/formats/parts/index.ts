import type { SharedFile } from '../../targets/target.js';
import { jsonKeys } from './json-keys.js';
import { markedList } from './marked-list.js';
import type { PartsFormat } from './parts.js';
import { yamlList } from './yaml-list.js';

/** How a kind of shared file is read and written. */
export function partsFormat(kept: SharedFile | { readonly by: 'json-keys' }): PartsFormat {
  switch (kept.by) {
    case 'yaml-list':
      return yamlList(kept.key, kept.id);
    case 'marked-list':
      return markedList(kept.heading);
    case 'json-keys':
      return jsonKeys;
  }
}
