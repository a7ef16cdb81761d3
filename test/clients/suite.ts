/**
 * One suite for every client: our agents, the kitchen sink and the corpus are compiled for its target and handed to its
 * own loader; what it says it loaded is compared with what the author meant.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, type TestContext } from 'vitest';
import { type Compilation, compile, type Sources } from '../../src/compile.js';
import { groupBy } from '../../src/group-by.js';
import type { Agent, Capability, Fate } from '../../src/ir.js';
import { compileTemplate } from '../../src/stages/emit/compile-template.js';
import type { AgentGrant } from '../../src/stages/lower/account.js';
import type { ModelMap } from '../../src/stages/lower/model.js';
import { TARGETS } from '../../src/targets/index.js';
import { json } from '../../src/targets/json.js';
import type { Target } from '../../src/targets/target.js';
import { filesBelow } from '../project-files.js';
import { readSample } from '../read-sample.js';
import { type Client, cleanEnvironment, installed, type LoadedAgent, type Loading, type Project, runIn } from './client.js';
import { joined } from './joined.js';

/** A line of the table in docs/conformance.md. */
export interface Row {
  readonly target: string;
  readonly program: string;
  readonly version: string;
  /** Agents whose files were handed over, and those that the loader has. */
  readonly handed: number;
  readonly loaded: number;
  /** Values that were compared: names, descriptions, prompts, models, tool lists. */
  readonly compared: number;
  readonly differences: number;
  readonly facts: number;
}

declare module 'vitest' {
  interface TaskMeta {
    row?: Row;
    facts?: number;
  }
}

/** An agent with what its author meant. */
interface Meant {
  readonly agent: Agent & { readonly body: string };
  readonly grant: AgentGrant | undefined;
  readonly fates: readonly Fate[];
  readonly files: Compilation['files'];
  readonly origin: string;
}

/** Every target gets a word of its own for the strong tier, so that what arrives can be told from what was guessed. */
const modelsFor = (target: Target): ModelMap => ({ opus: { [target.name]: WORDS[target.name] ?? 'model-of-the-test' } });

/** Where a loader takes a model only in a certain form. */
const WORDS: { readonly [target: string]: string } = { opencode: 'test/model', 'kilo-code': 'test/model', deepagents: 'test:model' };

/** The tests of one client. */
export function conformance(client: Client): void {
  const target = TARGETS.find(({ name }) => name === client.target);
  if (!target) throw new Error(`there is no target ${client.target}`);
  const version = versionOf(client.needs ?? client.program);
  describe.skipIf(version === undefined)(
    `${client.target}${version === undefined ? ` (not run: ${client.program} is not installed)` : ''}`,
    () => {
      it('loads every agent as it was meant', { timeout: 900_000 }, (context) => load(client, target, version ?? '', context));
      it.skipIf(!client.facts)('knows the facts that our data states', { timeout: 300_000 }, async ({ task }) => {
        const facts = await inProject([], async (project) => (await client.facts?.(project)) ?? []);
        const unknown = facts.flatMap(({ of, ours, theirs }) => ours.filter((one) => !theirs.includes(one)).map((one) => `${of}: ${one}`));
        expect(facts.length).toBeGreaterThan(0);
        for (const { of, ours, theirs } of facts) expect([of, ours.length > 0, theirs.length > 0]).toEqual([of, true, true]);
        expect(unknown).toEqual([]);
        task.meta.facts = facts.length;
      });
    },
  );
}

async function load(client: Client, target: Target, version: string, { task }: TestContext): Promise<void> {
  const differences: string[] = [];
  const count = { handed: 0, loaded: 0, compared: 0 };
  for (const batch of batches(meantFor(target))) {
    const files = joined(batch.flatMap(({ files: own }) => own));
    const { agents, refused } = await inProject(files, (project) => client.load(project));
    differences.push(...refused.map((reason) => `refused: ${reason}`));
    count.handed += batch.length;
    for (const meant of batch) {
      const found = find(agents, meant, target);
      if (found.length === 1) count.loaded++;
      else differences.push(`${meant.origin}: ${found.length === 0 ? 'not loaded' : `loaded ${found.length} times`}`);
      for (const one of found.slice(0, 1))
        count.compared += compare(one, meant, target, client.aliases ?? {}, (what) => differences.push(`${meant.origin}: ${what}`));
    }
    differences.push(...strangers(agents, batch, target).map((name) => `nobody wrote ${name}`));
  }
  task.meta.row = { target: target.name, program: client.program, version, ...count, differences: differences.length, facts: 0 };
  expect(differences).toEqual([]);
  expect(count.loaded).toBe(count.handed);
  expect(count.compared).toBeGreaterThan(count.handed);
}

/** What a target calls an agent. */
const namesOf = ({ agent, fates }: Meant): readonly string[] => [
  agent.name.value,
  agent.id,
  ...fates.flatMap(({ field, note }) => (field === 'name' && note !== undefined ? [note] : [])),
];

const find = (agents: Loading['agents'], meant: Meant, target: Target): Loading['agents'] => {
  const fate = meant.fates.find(({ field }) => field === 'name');
  const name = fate?.kind === 'exact' && target.fields.name ? meant.agent.name.value : (fate?.note ?? meant.agent.id);
  return agents.filter((one) => one.name === name);
};

function strangers(agents: Loading['agents'], batch: readonly Meant[], { name }: Target): string[] {
  const known = new Set(batch.flatMap(namesOf));
  return agents.filter((one) => !known.has(one.name)).map((one) => `${one.name} (${name})`);
}

/** Compares what the program tells with what was meant; gives the number of values compared. */
function compare(
  one: LoadedAgent,
  { agent, fates, grant }: Meant,
  target: Target,
  aliases: { readonly [name: string]: string },
  differ: (what: string) => void,
): number {
  const fateOf = (field: Fate['field']): Fate['kind'] | undefined => fates.find((fate) => fate.field === field)?.kind;
  let compared = 1;
  const check = (what: string, theirs: unknown, ours: unknown): void => {
    compared++;
    if (JSON.stringify(theirs) !== JSON.stringify(ours)) differ(`${what}: ${show(theirs)} is not ${show(ours)}`);
  };
  if (one.description !== undefined) {
    // Where the examples are left out, so is the word that leads into them.
    const leadIn = /\s*(?:for )?examples?(?: include)?\s*:\s*$/i;
    const whole = target.fields.examples ? agent.description.full : agent.description.value;
    const ours = target.fields.examples ? folded(whole) : folded(whole).replace(leadIn, '');
    const theirs = target.fields.examples ? folded(one.description) : folded(one.description).replace(leadIn, '');
    // A description that was cut, which is told, is the beginning of what was meant.
    if (fateOf('description') === 'approximated' && theirs.length < ours.length) check('description', ours.startsWith(theirs), true);
    else check('description', theirs, ours);
  }
  if (one.prompt !== undefined && fateOf('body') !== 'moved') {
    const ours = agent.body.replaceAll('\r\n', '\n').trim();
    const theirs = one.prompt.replaceAll('\r\n', '\n').trim();
    if (fateOf('body') === 'approximated') check('prompt, but for white space', theirs.replaceAll(/\s+/g, ''), ours.replaceAll(/\s+/g, ''));
    else check('prompt', theirs, ours);
  }
  if (one.model !== undefined) check('model', one.model, modelOf(agent, fateOf('model'), target));
  if (one.capabilities && grant) {
    // An agent without a list may have what only some kinds of agents get there, and asked for it.
    const { enforcement } = target.fields.tools;
    const open = agent.tools.allow === 'all' && enforcement.by === 'permission-map' ? (enforcement.named ?? []) : [];
    const without = (list: readonly Capability[]) => [...list].filter((capability) => !open.includes(capability)).sort();
    check('tools', without(one.capabilities), without(grant.granted));
  }
  // With a list of its own, an agent has nothing that is not in it, or told.
  if (one.others && agent.tools.allow !== 'all' && grant) {
    const named = agent.tools.allow.flatMap((ref) => (ref.kind === 'native' ? [aliases[ref.name] ?? ref.name] : []));
    const told = new Set([...named, ...(target.fields.tools.alwaysNative ?? []), ...grant.gained]);
    check(
      'other tools',
      [...new Set(one.others)].filter((id) => !told.has(id)),
      [],
    );
  }
  if (one.mcp) check('MCP tools', plainNames(one.mcp), plainNames(serversOf(agent, grant)));
  return compared;
}

/** The model that was meant: the author's id, the target's word for a tier, or the caller's. */
function modelOf({ model }: Agent, fate: Fate['kind'] | undefined, target: Target): string | null {
  if (!model || model.value.kind === 'inherit' || fate === 'dropped') return null;
  if (model.value.kind === 'exact') return model.value.id;
  if (model.value.word === 'opus') return modelsFor(target).opus?.[target.name] ?? null;
  return fate === 'exact' ? model.value.word : (target.fields.model?.tiers?.[model.value.tier] ?? null);
}

/** The MCP tools and servers that were asked for, without those that the report gives up for lost. */
function serversOf({ tools }: Agent, grant: AgentGrant | undefined): string[] {
  if (grant?.lost.includes('every MCP server')) return [];
  if (tools.allow === 'all' || grant?.gained.includes('every MCP server')) return ['*'];
  const refs = tools.allow.filter((ref) => ref.kind === 'mcp').filter(({ word }) => !grant?.lost.includes(word.value));
  const brought = grant?.gained.flatMap((item) => /^every tool of (.+)$/.exec(item)?.[1] ?? []) ?? [];
  return [...new Set([...refs.map(({ server, tool }) => (tool === undefined ? server : `${server}/${tool}`)), ...brought])].sort();
}

/** Names as an assistant may have changed them: it cannot be told where a server's name ends and a tool's begins. */
const plainNames = (names: readonly string[]): string[] => names.map((name) => name.replaceAll(/[^a-zA-Z0-9*]+/g, '_')).sort();

const folded = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
const show = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 200);

/** Agents in groups in which no two have one name, as files of one name are one file. */
function batches(all: readonly Meant[]): Meant[][] {
  const groups: { readonly names: Set<string>; readonly agents: Meant[] }[] = [];
  for (const one of all) {
    const names = namesOf(one).map((name) => name.toLowerCase());
    let group = groups.find((candidate) => !names.some((name) => candidate.names.has(name)));
    if (!group) {
      group = { names: new Set(), agents: [] };
      groups.push(group);
    }
    for (const name of names) group.names.add(name);
    group.agents.push(one);
  }
  return groups.map(({ agents }) => agents);
}

/** Everything that is handed over: our own agents, the kitchen sink, and the corpus where it is there. */
function meantFor(target: Target): Meant[] {
  const own = readSample('kitchen-sink').sources;
  return [ourAgents(), own, ...corpus()].flatMap((sources) => meantIn(sources, target));
}

function meantIn(sources: Sources, target: Target): Meant[] {
  const { files, companions, fates, grants } = compile(sources, [target], { models: modelsFor(target) });
  // The representation of what is meant for this target: its blocks of the body, and what `targets` sets for it.
  const ir = compile(sources, [{ ...json, name: target.name }], { templates: { [target.name]: IR_TEMPLATE } });
  const shown = new Map(ir.files.map((file) => [editionOf(file), file.content]));
  const ours = files.filter((file) => file.target === target.name);
  return [...groupBy(ours, editionOf)].map(([edition, made]) => {
    const isOne = (one: Edition & { readonly target: string }): boolean => editionOf(one) === edition && one.target === target.name;
    const variant = made[0]?.variant;
    return {
      agent: withOverrides(JSON.parse(shown.get(edition) ?? '') as Meant['agent'], target),
      grant: grants.find(isOne),
      fates: fates.filter(isOne),
      files: [...made, ...companions.filter((one) => one.variant === variant)],
      origin: `${made[0]?.source}${variant === undefined ? '' : ` (${variant})`}`,
    };
  });
}

/** An agent in one variant. */
interface Edition {
  readonly agent: string;
  readonly variant?: string;
}

const editionOf = ({ agent, variant = '' }: Edition): string => `${agent}/${variant}`;

/** An agent with what `targets` in its front matter sets for a target. */
function withOverrides(agent: Meant['agent'], { name }: Target): Meant['agent'] {
  return { ...agent, ...agent.overrides[name]?.fields };
}

const IR_TEMPLATE = compileTemplate(readFileSync(new URL('../../templates/json.hbs', import.meta.url), 'utf8'));

const root = (file: string): URL => new URL(`../../${file}`, import.meta.url);

function ourAgents(): Sources {
  const read = (name: string) => ({ path: `agents/${name}`, content: readFileSync(root(`agents/${name}`)) });
  const [fragments, agents] = [true, false].map((wanted) =>
    filesBelow(fileURLToPath(root('agents'))).filter((name) => name.startsWith('fragments/') === wanted),
  ) as [string[], string[]];
  return {
    agents: agents.map(read),
    fragments: fragments.map((name) => ({ name: name.slice('fragments/'.length, -'.md'.length), ...read(name) })),
  };
}

/** Agents of many people, each a source of its own, since names meet. */
function corpus(): Sources[] {
  const manifest = root('../shared/corpus/MANIFEST.json');
  if (!existsSync(manifest)) return [];
  const { entries } = JSON.parse(readFileSync(manifest, 'utf8')) as { entries: { path: string }[] };
  return entries
    .filter((entry) => entry.path.endsWith('.md'))
    .map((entry) => ({ agents: [{ path: entry.path, content: readFileSync(root(`../shared/corpus/${entry.path}`)) }] }));
}

async function inProject<Result>(
  files: readonly { readonly path: string; readonly content: string }[],
  act: (project: Project) => Promise<Result>,
): Promise<Result> {
  const scratch = mkdtempSync(path.join(tmpdir(), 'polyagent-client-'));
  const [folder, home] = [path.join(scratch, 'project'), path.join(scratch, 'home')];
  try {
    for (const one of [folder, home]) mkdirSync(one);
    const env = cleanEnvironment(home);
    const run = runIn(folder, env);
    run('git', ['init', '--quiet']);
    for (const file of files) {
      const place = path.join(folder, ...file.path.split('/'));
      mkdirSync(path.dirname(place), { recursive: true });
      writeFileSync(place, file.content);
      // What --source-maps writes beside it is no agent to any program.
      writeFileSync(`${place}.map`, '{"version":3,"sources":["a.md"],"names":[],"mappings":"AAAA"}\n');
    }
    return await act({ folder, home, files: files.map((file) => file.path), run, env });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function versionOf(name: string): string | undefined {
  const manifest = installed(...name.split('/'), 'package.json');
  if (!existsSync(manifest)) return undefined;
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
