import { createColors } from 'picocolors';
import { printJson } from '../../diagnostics/format/json.js';
import type { Capability } from '../../ir.js';
import { readSettings } from '../../project/settings.js';
import { CAPABILITIES } from '../../targets/capabilities.js';
import type { FieldRules, Target, ToolRule } from '../../targets/target.js';
import { type Run, wantsColor } from '../command.js';

/** The optional fields, in the order in which the table has them, with the head of their column on a terminal. */
const HEADS = {
  model: 'model',
  color: 'color',
  mode: 'mode',
  permissionMode: 'perm',
  maxTurns: 'turns',
  effort: 'effort',
  temperature: 'temp',
  background: 'backgr',
  isolation: 'isol',
  memory: 'mem',
  skills: 'skills',
  mcpServers: 'mcpSrv',
  hooks: 'hooks',
  handoffs: 'handoff',
} satisfies { [F in keyof FieldRules]?: string };
const FIELDS = Object.keys(HEADS) as (keyof typeof HEADS)[];
/** Fields that every target has a way to say, or tells of. */
const ALWAYS = ['name', 'description', 'examples', 'tools'] as const satisfies (keyof FieldRules)[];

export const run: Run = async ({ operands, values }, terminal) => {
  const { targets } = await readSettings({
    cwd: terminal.cwd,
    all: true,
    ...(operands.length > 0 && { to: operands }),
    ...(typeof values.config === 'string' && { config: values.config }),
    ...(values['no-cache'] === true && { cache: false }),
  });
  const described = targets.map(({ target }) => describeTarget(target));
  const bold = createColors(wantsColor(terminal.stdout, terminal.env)).bold;
  if (values.json) terminal.stdout.write(`${printJson(described)}\n`);
  else terminal.stdout.write(operands.length > 0 ? described.map((one) => details(one, bold)).join('\n') : overview(described, bold));
  return 0;
};

/** What a target can express, as data. */
export function describeTarget({ name, title, path, format, verified, against, fields, body, alsoReads, dialect }: Target) {
  const whole = dialect === 'ir';
  return {
    name,
    title,
    path,
    format,
    verified,
    against,
    tools: whole ? 'as written' : enforcementOf(fields.tools),
    alwaysOn: [...(fields.tools.always ?? []), ...(fields.tools.alwaysNative ?? [])],
    mcp: whole ? 'as written' : mcpOf(fields.tools),
    fields: Object.fromEntries([...ALWAYS, ...FIELDS].map((field) => [field, whole ? field : keyOf(fields, field)])),
    capabilities: Object.fromEntries(CAPABILITIES.map((capability) => [capability, idOf(fields.tools, capability)])),
    rewritesBody: (body.rewrites ?? []).map(({ pattern, why }) => ({ pattern: String(pattern), why })),
    expandsInBody: (body.expands ?? []).map(({ pattern, why }) => ({ pattern: String(pattern), why })),
    alsoReads: alsoReads ?? [],
  };
}

export type DescribedTarget = ReturnType<typeof describeTarget>;

/** The key a field has there; `null`: the target has no place for it. */
function keyOf(fields: FieldRules, field: keyof FieldRules): string | null {
  const rule = fields[field];
  if (!rule) return null;
  if (!('enforcement' in rule)) return 'key' in rule ? rule.key : rule.in;
  const { enforcement } = rule;
  if (enforcement.by !== 'flags') return enforcement.key;
  return [...new Set(enforcement.flags.map(({ key }) => key))].join(', ') || null;
}

/** The ids of a capability; `●`: there, with no id to be written; `null`: not there. */
function idOf({ ids, enforcement, always }: ToolRule, capability: Capability): string | readonly string[] | null {
  const id = ids[capability];
  if (id === null) return always?.includes(capability) ? THERE : null;
  return enforcement.by === 'flags' ? THERE : id;
}

/** How a tool list is kept to. */
function enforcementOf({ enforcement }: ToolRule): string {
  switch (enforcement.by) {
    case 'allow-list':
      return enforcement.denyKey === undefined ? 'allow-list' : 'allow-list and deny-list';
    case 'permission-map':
      return 'permission map';
    case 'flags': {
      const removed = new Set(enforcement.flags.flatMap(({ removes }) => removes));
      return removed.size === 0 ? 'not enforced' : removed.has('write') ? 'read-only switch' : `switch for ${[...removed].at(-1)}`;
    }
  }
}

/** Which tools of MCP servers a tool list can name. */
function mcpOf({ mcp, enforcement }: ToolRule): string {
  if (!mcp) return 'none';
  if (mcp.always || enforcement.by === 'flags') return 'all of them, always';
  const words = [mcp.tool && 'tools', mcp.server && 'servers', mcp.all && 'all'].filter(Boolean);
  return words.join(', ');
}

/** The capability matrix: rows are targets, `●` a field that the target has a key for. */
export function overviewRows(targets: readonly DescribedTarget[]): string[][] {
  const head = ['target', 'tools are', 'MCP', ...FIELDS, 'checked'];
  return [
    head,
    ...targets.map(({ name, tools, mcp, fields, verified }) => [
      name,
      tools,
      mcp,
      ...FIELDS.map((field) => (fields[field] === null ? NONE : THERE)),
      verified,
    ]),
  ];
}

/** Each target's ids of the portable tools. */
export function toolRows(targets: readonly DescribedTarget[]): string[][] {
  return [
    ['target', ...CAPABILITIES],
    ...targets.map(({ name, capabilities }) => [
      name,
      ...CAPABILITIES.map((capability) => [capabilities[capability] ?? NONE].flat().join(' ')),
    ]),
  ];
}

/** Where the files of a target go, and what that was checked with. */
export function fileRows(targets: readonly DescribedTarget[]): string[][] {
  return [['target', 'file', 'checked', 'with'], ...targets.map(({ name, path, verified, against }) => [name, path, verified, against])];
}

function overview(targets: readonly DescribedTarget[], bold: Paint): string {
  const legend = '● it has a key for this field    – it has none, and losing the field is reported\n';
  return [
    columns(withShortHeads(overviewRows(targets)), bold) + legend,
    columns(fileRows(targets), bold),
    'polyagent targets <name> shows the ids of its tools and the keys of its fields. --json has everything as data.\n',
  ].join('\n');
}

/** A terminal is narrow. */
function withShortHeads([head = [], ...rows]: readonly (readonly string[])[]): string[][] {
  const short: { readonly [field: string]: string } = HEADS;
  return [head.map((cell) => short[cell] ?? cell), ...rows.map((row) => [...row])];
}

function details(target: DescribedTarget, bold: Paint): string {
  const { name, title, path, verified, against, tools, mcp, fields, capabilities, alwaysOn, rewritesBody, expandsInBody, alsoReads } =
    target;
  const facts: string[][] = [
    ['file', path],
    ['checked with', `${verified}: ${against}`],
    ['tools are', tools],
    ['MCP tools', mcp],
    ...(alwaysOn.length > 0 ? [['always on', alwaysOn.join(', ')]] : []),
    ...(alsoReads.length > 0 ? [['also reads', alsoReads.join(', ')]] : []),
    ...rewritesBody.map(({ pattern, why }) => ['rewrites', `${pattern} (${why})`]),
    ...expandsInBody.map(({ pattern, why }) => ['expands', `${pattern} (${why})`]),
  ];
  const keys = Object.entries(fields).map(([field, key]) => [field, key ?? NONE]);
  const ids = CAPABILITIES.map((capability) => [capability, [capabilities[capability] ?? NONE].flat().join(', ')]);
  const block = (head: string[], rows: string[][]): string => columns([head, ...rows], bold);
  return [
    `${bold(title)} (${name})\n${columns(facts, (text) => text)}`,
    block(['field', 'key'], keys),
    block(['portable tool', 'id there'], ids),
  ].join('\n');
}

const NONE = '–';
const THERE = '●';

type Paint = (text: string) => string;

/** Rows in columns; the first one is the head. */
function columns(rows: readonly (readonly string[])[], head: Paint): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return lines.map((line, index) => `${index === 0 ? head(line) : line}\n`).join('');
}
