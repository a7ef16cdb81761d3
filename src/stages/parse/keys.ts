/**
 * The front matter keys that have a meaning, and what other assistants call them.
 */
import { nearest } from '../../diagnostics/nearest.js';
import type { Json } from '../../ir.js';

/** Keys of the compiler: read here, never written to any target. */
export const COMPILER_KEYS: ReadonlySet<string> = new Set(['fragments', 'targets', 'extends', 'variants']);

/** Every spelling of a field; the first is ours and Claude Code's. */
const SPELLINGS = {
  name: ['name'],
  description: ['description'],
  tools: ['tools'],
  disallowedTools: ['disallowedTools', 'disabled_tools', 'excludedTools'],
  model: ['model'],
  color: ['color'],
  mode: ['mode'],
  permissionMode: ['permissionMode', 'approvalMode'],
  maxTurns: ['maxTurns', 'max_turns', 'steps'],
  effort: ['effort', 'reasoningEffort', 'reasoning-effort'],
  temperature: ['temperature'],
  background: ['background', 'is_background'],
  isolation: ['isolation'],
  memory: ['memory'],
  skills: ['skills'],
  mcpServers: ['mcpServers', 'mcp_servers', 'mcp-servers'],
  hooks: ['hooks'],
  handoffs: ['handoffs'],
  /** Cursor's switch: no writing and no commands. Read as denials. */
  readonly: ['readonly'],
  /** OpenCode's rules. Read as a tool policy. */
  permission: ['permission'],
} as const;

/** A field as front matter spells it. */
export type SpelledField = keyof typeof SPELLINGS;

const fieldBySpelling = new Map(
  Object.entries(SPELLINGS).flatMap(([field, spellings]) =>
    spellings.map((spelling) => [spelling as string, field as SpelledField] as const),
  ),
);

/** The field that a key sets, whichever assistant's spelling it is. */
export const fieldOf = (key: string): SpelledField | undefined => fieldBySpelling.get(key);

/** Fields that together say what an agent may use. */
const POLICY: readonly SpelledField[] = ['tools', 'disallowedTools', 'readonly', 'permission'];

/** Whether a key is part of what an agent may use. */
export const isToolKey = (key: string): boolean => {
  const field = fieldOf(key);
  return field !== undefined && POLICY.includes(field);
};

/** Keys of assistants that polyagent gives no meaning to. They matter to the recovery of broken front matter. */
const FOREIGN_KEYS = [
  ...['initialPrompt', 'omitClaudeMd', 'autoCompactWindow', 'observer', 'observerMessage', 'experimental', 'when_to_use'],
  ...['target', 'infer', 'argument-hint', 'agents', 'user-invocable', 'disable-model-invocation', 'model-policy', 'github', 'metadata'],
  ...['kind', 'display_name', 'timeout_mins', 'top_p', 'variant', 'hidden', 'disable', 'options', 'prompt'],
  ...[
    'version',
    'author',
    'category',
    'tags',
    'license',
    'allowed-tools',
    'allowedTools',
    'capabilities',
    'priority',
    'permissions',
    'resources',
    'thinking',
  ],
];

/** Every key that opens an entry in front matter that is not YAML. */
export const KNOWN_KEYS: ReadonlySet<string> = new Set([...COMPILER_KEYS, ...fieldBySpelling.keys(), ...FOREIGN_KEYS]);

/** Keys worth proposing for a misspelt one. */
const PROPOSED_KEYS: readonly string[] = [...Object.values(SPELLINGS).map(([first]) => first), ...COMPILER_KEYS];

/** Keys of commands and skills. In an agent they do nothing, and the agent has every tool. */
const MEANT: ReadonlyMap<string, string> = new Map([
  ['allowed-tools', 'tools'],
  ['allowedTools', 'tools'],
]);

/** The key that an unknown one was most likely meant to be; `undefined` for a key that some assistant knows. */
export function meantKey(key: string, value: Json): string | undefined {
  // To OpenCode a variant, and to Copilot a target, is one word.
  if (typeof value === 'object' && value !== null && (key === 'target' || (key === 'variant' && !Array.isArray(value)))) return `${key}s`;
  return MEANT.get(key) ?? (KNOWN_KEYS.has(key) ? undefined : nearest(key, PROPOSED_KEYS));
}
