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
  const rows: string[][] = [
    ['', ...targets.map(({ name }) => name)],
    ['tools are', ...targets.map(({ tools }) => tools)],
    ...FIELDS.map((field) => [field, ...targets.map(({ fields }) => fields[field] ?? '–')]),
    ['checked against', ...targets.map(({ verified }) => verified)],
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = rows.map((row, index) => {
    const text = row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
    return index === 0 ? colors.bold(text) : text;
  });
  const paths = targets.map(({ name, title, path, against }) => `${name.padEnd(widths[0] ?? 0)}  ${title}: ${path} (${against})`);
  return `${lines.join('\n')}\n\n${paths.join('\n')}\n`;
}
