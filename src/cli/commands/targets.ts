import { createColors } from 'picocolors';
import { printJson } from '../../diagnostics/format/json.js';
import { readSettings } from '../../project/settings.js';
import { CAPABILITIES } from '../../targets/capabilities.js';
import type { FieldRules, Target, ToolRule } from '../../targets/target.js';
import { type Run, wantsColor } from '../command.js';

const FIELDS: readonly (keyof FieldRules)[] = [
  ...([
    'name',
    'description',
    'examples',
    'tools',
    'model',
    'color',
    'mode',
    'permissionMode',
    'maxTurns',
    'effort',
    'temperature',
  ] as const),
  ...(['background', 'isolation', 'memory', 'skills', 'mcpServers', 'hooks', 'handoffs'] as const),
];

export const run: Run = async ({ values }, terminal) => {
  const config = typeof values.config === 'string' ? { config: values.config } : {};
  const { targets } = await readSettings({ cwd: terminal.cwd, ...config, all: true });
  const described = targets.map(({ target }) => describe(target));
  if (values.json) terminal.stdout.write(`${printJson(described)}\n`);
  else terminal.stdout.write(matrix(described, wantsColor(terminal.stdout, terminal.env)));
  return 0;
};

/** What a target can express, as data. */
function describe({ name, title, path, format, verified, against, fields, body }: Target) {
  return {
    name,
    title,
    path,
    format,
    verified,
    against,
    tools: enforcementOf(fields.tools),
    fields: Object.fromEntries(FIELDS.map((field) => [field, keyOf(fields, field)])),
    capabilities: Object.fromEntries(CAPABILITIES.map((capability) => [capability, fields.tools.ids[capability]])),
    rewritesBody: (body.rewrites ?? []).map(({ pattern, why }) => ({ pattern: String(pattern), why })),
  };
}

type Described = ReturnType<typeof describe>;

/** The key a field has there; `null`: the target has no place for it. */
function keyOf(fields: FieldRules, field: keyof FieldRules): string | null {
  const rule = fields[field];
  if (!rule) return null;
  if ('enforcement' in rule)
    return rule.enforcement.by === 'flags' ? [...new Set(rule.enforcement.flags.map(({ key }) => key))].join(', ') : rule.enforcement.key;
  return 'key' in rule ? rule.key : rule.in;
}

function enforcementOf({ enforcement }: ToolRule): string {
  switch (enforcement.by) {
    case 'allow-list':
      return enforcement.denyKey === undefined ? 'allow-list' : 'allow-list and deny-list';
    case 'permission-map':
      return 'permission map';
    case 'flags':
      return enforcement.flags.some((flag) => flag.removes.length > 0) ? 'read-only switch' : 'not enforced';
  }
}

function matrix(targets: readonly Described[], color: boolean): string {
  const colors = createColors(color);
  const fields: string[][] = [
    ['key', ...targets.map(({ name }) => name)],
    ['tools are', ...targets.map(({ tools }) => tools)],
    ...FIELDS.map((field) => [field, ...targets.map((target) => target.fields[field] ?? NONE)]),
    ['checked against', ...targets.map(({ verified }) => verified)],
  ];
  const tools: string[][] = [
    ['portable tool', ...targets.map(({ name }) => name)],
    ...CAPABILITIES.map((capability) => [
      capability,
      ...targets.map(({ capabilities }) => [capabilities[capability] ?? NONE].flat().join(', ')),
    ]),
  ];
  const files: string[][] = [['target', 'file', 'checked with'], ...targets.map(({ name, path, against }) => [name, path, against])];
  return [fields, tools, files].map((rows) => table(rows, colors.bold)).join('\n');
}

const NONE = '–';

/** Rows in columns; the first one is the head. */
function table(rows: readonly (readonly string[])[], head: (text: string) => string): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return lines.map((line, index) => `${index === 0 ? head(line) : line}\n`).join('');
}
