/** What the file of an agent is called in a target. */
import type { Agent } from '../../ir.js';
import type { Target } from '../../targets/target.js';
import { idOf } from '../normalize/names.js';

/** The name of an agent's file in a target, without extension. A target may be unable to have it even so. */
export function outputId({ id, overrides }: Pick<Agent, 'id' | 'overrides'>, { name, ids }: Target): string {
  const override = overrides[name]?.fields.name;
  const named = override ? idOf(override.value) : id;
  return ids?.test(named) === false ? hyphenated(named) : named;
}

/** The path of an output from the root of a project of the assistant's. */
export const outputPath = ({ path }: Target, id: string): string => path.replace('{id}', () => id);

/** An id with nothing but letters, digits and hyphens between them. */
const hyphenated = (id: string): string =>
  id
    .normalize('NFKD')
    .replaceAll(/[^a-zA-Z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
