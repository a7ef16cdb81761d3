/**
 * No silent power: what an emitted file grants was asked for, or the report says that it was not. The files are read by
 * read-grant.ts, which knows the assistants and not our sources.
 */
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from '../../src/compile.js';
import { TARGETS } from '../../src/targets/index.js';
import { mayDoByData } from './read-by-data.js';
import { type Act, COMES_WITH, claudeCovers, mayDo as mayDoInFact, OPENCODE, opencodeAllows, patternMatches } from './read-grant.js';

/** The representation is no assistant, and grants nothing. */
const ASSISTANTS = TARGETS.filter(({ dialect }) => dialect !== 'ir');
const TARGET_NAMES = ASSISTANTS.map((target) => target.name);

/** Whether the agent in a file may do something: by a reader of its own, or by what the target's data says. */
function mayDo(name: string, file: string, act: Act): boolean {
  const target = ASSISTANTS.find((one) => one.name === name);
  return mayDoInFact(name, file, act) ?? (target !== undefined && mayDoByData(target, file, act));
}

/** Several things to do for each capability, so that a pattern allows some and not others. */
const ON: { readonly [capability: string]: readonly string[] } = {
  read: ['docs/guide.md', 'src/main.ts'],
  list: ['docs', 'src'],
  glob: ['docs/*.md', 'src/*.ts'],
  grep: ['docs', 'src'],
  write: ['docs/guide.md', 'src/main.ts'],
  edit: ['docs/guide.md', 'src/main.ts'],
  notebook: ['docs/a.ipynb', 'src/a.ipynb'],
  shell: ['git log', 'git push', 'make all', '7'],
  'web-fetch': ['domain:docs.example', 'domain:other.example'],
  'web-search': ['anything'],
  todo: ['a list'],
  delegate: ['reviewer', 'tester'],
  ask: ['a question'],
  skill: ['a skill'],
  lsp: ['a symbol'],
  mcp: ['github/create', 'github/list', 'docs/find', 'other/tool', 'my_server/run'],
};
const ACTS: readonly Act[] = Object.entries(ON).flatMap(([capability, things]) => things.map((on) => ({ capability, on })));

/** Claude Code's words, with patterns that some of the acts match. */
const WORDS = {
  Read: ['docs/**'],
  Glob: ['docs/**'],
  Grep: ['docs'],
  Write: ['docs/**'],
  Edit: ['docs/**', 'src/**'],
  NotebookEdit: ['docs/**'],
  Bash: ['git *', 'git push', 'git push:*', 'make *', '7'],
  WebFetch: ['domain:docs.example'],
  WebSearch: [],
  TodoWrite: [],
  Agent: ['reviewer', 'reviewer, tester'],
  AskUserQuestion: [],
  Skill: [],
  LSP: [],
  mcp__github: [],
  mcp__github__create: [],
  mcp__docs__find: [],
  mcp__my_server: [],
} satisfies { [word: string]: readonly string[] };

const wordArbitrary = fc
  .constantFrom(...Object.entries(WORDS))
  .chain(([word, patterns]) => fc.constantFrom(word, word, ...(patterns as readonly string[]).map((pattern) => `${word}(${pattern})`)));

interface Policy {
  readonly tools: readonly string[] | undefined;
  readonly disallowedTools: readonly string[] | undefined;
}

const policyArbitrary: fc.Arbitrary<Policy> = fc.record({
  tools: fc.option(fc.uniqueArray(wordArbitrary, { maxLength: 6 }), { nil: undefined, freq: 4 }),
  disallowedTools: fc.option(fc.uniqueArray(fc.oneof(wordArbitrary, fc.constant('mcp__*')), { maxLength: 4 }), { nil: undefined, freq: 2 }),
});

/** Whether the author's lists allow an act, or one that it comes with. */
function asked({ tools, disallowedTools }: Policy, act: Act): boolean {
  const allows = (candidate: Act): boolean =>
    (tools?.some((word) => claudeCovers(word, candidate)) ?? true) && !disallowedTools?.some((word) => claudeCovers(word, candidate));
  return allows(act) || (COMES_WITH[act.capability] ?? []).some((capability) => allows({ ...act, capability }));
}

/** What one file says, of all targets and of one. */
interface Layer {
  readonly forAll: Policy;
  readonly forOne: Policy | undefined;
}

const policyFor = ({ forAll, forOne }: Layer, isOne: boolean): Policy => ({
  tools: (isOne ? forOne?.tools : undefined) ?? forAll.tools,
  disallowedTools: (isOne ? forOne?.disallowedTools : undefined) ?? forAll.disallowedTools,
});

/**
 * Whether the lists of several files, the nearest first, allow an act: the nearest list of tools counts, and all denials but
 * those that it takes back by name.
 */
function askedOfLayers(layers: readonly Policy[], act: Act): boolean {
  const at = layers.findIndex(({ tools }) => tools !== undefined);
  const list = layers[at]?.tools;
  const isTakenBack = (denial: string, layer: number, candidate: Act): boolean =>
    at !== -1 && at < layer && list?.some((word) => isWithin(word, denial) && claudeCovers(word, candidate)) === true;
  const allows = (candidate: Act): boolean =>
    (list?.some((word) => claudeCovers(word, candidate)) ?? true) &&
    !layers.some(({ disallowedTools }, layer) =>
      disallowedTools?.some((denial) => claudeCovers(denial, candidate) && !isTakenBack(denial, layer, candidate)),
    );
  return allows(act) || (COMES_WITH[act.capability] ?? []).some((capability) => allows({ ...act, capability }));
}

/** Whether a word names no more than another one does. */
const isWithin = (word: string, wide: string): boolean =>
  word === wide ||
  (!wide.includes('(') && word.startsWith(`${wide}(`)) ||
  (wide.startsWith('mcp__') && (wide === 'mcp__*' ? word.startsWith('mcp__') : word.startsWith(`${wide}__`)));

interface Told {
  readonly gained: readonly string[];
  readonly lost: readonly string[];
}

/** What an agent extends, and the variant of it that is built. */
interface Setting {
  readonly base?: string;
  readonly variant?: string;
}

/** The files of one agent by target, and what the report says of its tools there. */
function build(
  header: string,
  { base, variant }: Setting = {},
): { files: Map<string, string>; codes: string[]; told: (target: string) => Told } {
  const { files, diagnostics } = compile(
    {
      agents: [{ path: 'a.md', content: `---\nname: agent\ndescription: Does it.\n${header}---\nDo the work.\n` }],
      bases: base === undefined ? [] : [{ path: '_base.md', content: `---\n${base}---\n` }],
    },
    ASSISTANTS,
    variant === undefined ? {} : { onlyVariants: [variant] },
  );
  const listed = (code: string, key: string, target: string): readonly string[] =>
    diagnostics.filter((one) => one.code === code).flatMap(({ data }) => (data[key] as { [target: string]: string[] })[target] ?? []);
  return {
    files: new Map(files.map((file) => [file.target, file.content])),
    codes: diagnostics.map(({ code }) => code),
    told: (target) => ({
      gained: [...listed('tools-widened', 'gained', target), ...listed('tools-always-on', 'gained', target)],
      lost: listed('tools-narrowed', 'lost', target),
    }),
  };
}

function headerOf({ tools, disallowedTools }: Policy): string {
  const line = (key: string, words: readonly string[] | undefined): string => (words ? `${key}: ${JSON.stringify(words)}\n` : '');
  return line('tools', tools) + line('disallowedTools', disallowedTools);
}

/** Whether a list of the report has an act, or what it comes with: `shell`, `shell beyond git *`, `every MCP server`. */
function mentions(list: readonly string[], { capability, on }: Act): boolean {
  if (capability === 'mcp') {
    const server = on.split('/')[0];
    return list.some(
      (item) =>
        item === 'every MCP server' ||
        item.startsWith(`mcp__${server}`) ||
        [`other tools of ${server}`, `every tool of ${server}`].includes(item),
    );
  }
  const names = [capability, ...(COMES_WITH[capability] ?? [])];
  return list.some((item) => names.includes(/^[a-z-]+/.exec(item)?.[0] ?? ''));
}

/** What an agent has without having asked, and without a word in the report. */
function silentlyGained(header: string, allowed: (act: Act, target: string) => boolean, setting?: Setting): string[] {
  const { files, told } = build(header, setting);
  return [...files].flatMap(([target, file]) =>
    ACTS.filter((act) => mayDo(target, file, act) && !allowed(act, target) && !mentions(told(target).gained, act)).map(
      ({ capability, on }) => `${target}: ${capability} on ${on}`,
    ),
  );
}

const RUNS = { numRuns: 300, seed: 20_261_120 };

describe('nothing is granted in silence', () => {
  test('whatever the lists say', () => {
    fc.assert(
      fc.property(policyArbitrary, (policy) => {
        expect(silentlyGained(headerOf(policy), (act) => asked(policy, act))).toEqual([]);
      }),
      RUNS,
    );
  });

  test('whatever a variant, its agent and a base say, for all targets and for one', () => {
    const ONE = 'gemini-cli';
    const layer = fc.record({ forAll: policyArbitrary, forOne: fc.option(policyArbitrary, { nil: undefined, freq: 2 }) });
    const keysOf = ({ forAll, forOne }: Layer): object => ({ ...forAll, ...(forOne && { targets: { [ONE]: forOne } }) });
    const written = (keys: object): string =>
      Object.entries(keys)
        .map(([key, value]) => (value === undefined ? '' : `${key}: ${JSON.stringify(value)}\n`))
        .join('');
    fc.assert(
      fc.property(layer, layer, layer, (variant, own, base) => {
        const header = written({ ...keysOf(own), variants: { x: keysOf(variant) } });
        const setting = { base: written(keysOf(base)), variant: 'x' };
        const said = (target: string): Policy[] => [variant, own, base].map((one) => policyFor(one, target === ONE));
        expect(build(header, setting).files.size).toBe(ASSISTANTS.length);
        expect(silentlyGained(header, (act, target) => askedOfLayers(said(target), act), setting)).toEqual([]);
      }),
      { ...RUNS, numRuns: 200 },
    );
  });

  test("whatever OpenCode's rules say", () => {
    const action = fc.constantFrom('allow', 'deny');
    const rulesOf = (patterns: readonly string[]) =>
      fc.oneof(action, fc.dictionary(fc.constantFrom('*', ...patterns), action, { minKeys: 1, noNullPrototype: true }));
    const permission = fc.record(
      {
        '*': action,
        read: rulesOf(['docs/**']),
        edit: rulesOf(['docs/**']),
        bash: rulesOf(['git *', 'git push*']),
        webfetch: action,
        task: rulesOf(['reviewer', 'tester']),
        'github_*': action,
      },
      { requiredKeys: [], noNullPrototype: true },
    );
    fc.assert(
      fc.property(permission, (rules) => {
        const allowed = (act: Act): boolean =>
          [act.capability, ...(COMES_WITH[act.capability] ?? [])].some((capability) => {
            const key = capability === 'mcp' ? act.on.replace('/', '_') : OPENCODE[capability];
            return key !== undefined && opencodeAllows(rules, key, act.on);
          });
        expect(silentlyGained(`permission: ${JSON.stringify(rules)}\n`, allowed)).toEqual([]);
      }),
      RUNS,
    );
  });

  // The smallest policies of their kind; each was or may be a hole of its own.
  const cases: readonly (readonly [what: string, policy: Policy])[] = [
    [
      'a pattern on one of two tools that are one there',
      { tools: ['WebFetch(domain:docs.example)', 'WebSearch'], disallowedTools: undefined },
    ],
    [
      'an exception on one of two tools that are one there',
      { tools: ['WebFetch', 'WebSearch'], disallowedTools: ['WebFetch(domain:docs.example)'] },
    ],
    ['a pattern beside a tool that comes with it', { tools: ['Edit(docs/**)', 'NotebookEdit'], disallowedTools: undefined }],
    ['every server denied', { tools: undefined, disallowedTools: ['mcp__*'] }],
    ['a denial that is a number', { tools: ['Bash'], disallowedTools: ['Bash(7)'] }],
    ['one tool of a server denied', { tools: undefined, disallowedTools: ['mcp__github__create'] }],
    ['a list of nothing', { tools: [], disallowedTools: undefined }],
    ['a list of words that nobody knows', { tools: ['Nonsense'], disallowedTools: undefined }],
  ];
  test.each(cases)('%s', (_, policy) => {
    expect(silentlyGained(headerOf(policy), (act) => asked(policy, act))).toEqual([]);
  });

  const shellIsLimited = (act: Act): boolean => act.capability !== 'shell' || patternMatches('git *', act);
  test.each([
    ['in rules that leave the rest open', '{ "bash": { "*": "deny", "git *": "allow" } }'],
    ['with the star last', '{ "bash": { "git *": "allow", "*": "deny" } }'],
  ])('a shell that is limited %s', (_, rules) => {
    expect(silentlyGained(`permission: ${rules}\n`, shellIsLimited)).toEqual([]);
  });

  test('an exception behind an allowed pattern stays an exception', () => {
    const rules = '{ "*": deny, bash: { "*": deny, "git *": allow, "git push*": deny } }';
    const allowed = (act: Act): boolean => act.capability === 'shell' && patternMatches('git *', act) && act.on !== 'git push';
    expect(silentlyGained(`permission: ${rules}\n`, allowed)).toEqual([]);
  });

  test('a tool list and rules that deny: both hold', () => {
    const allowed = (act: Act): boolean => ['read', 'list'].includes(act.capability);
    expect(silentlyGained('tools: Read, Bash\npermission: { "*": deny, read: allow }\n', allowed)).toEqual([]);
  });

  test('what a person is to be asked about is not allowed without a word', () => {
    const { files, told } = build('permission: { edit: deny, bash: ask }\n');
    const asks = /^ {2}"?bash"?: "?ask"?$/m.test(files.get('opencode') ?? '');
    expect(asks || mentions(told('opencode').gained, { capability: 'shell', on: '' })).toBe(true);
  });

  test('a memory in Claude Code brings tools along: a list without them is not kept to in silence', () => {
    const { told } = build('tools: Read\nmemory: project\n');
    expect(told('claude-code').gained).toContain('write');
  });

  test('two spellings of the list of denials both count', () => {
    const allowed = (act: Act): boolean => act.capability !== 'shell' && act.capability !== 'web-fetch';
    expect(silentlyGained('disallowedTools: Bash\nexcludedTools: WebFetch\n', allowed)).toEqual([]);
  });

  test("OpenCode's own rules for OpenCode stay as they are", () => {
    const { files } = build('targets:\n  opencode:\n    permission: { external_directory: deny, bash: ask }\n');
    expect(files.get('opencode')).toMatch(/external_directory"?: "?deny/);
    expect(files.get('opencode')).toMatch(/bash"?: "?ask/);
  });

  test('a map of switches does not reach an assistant that knows lists only', () => {
    const { files } = build('tools: { read: true, bash: false }\n');
    expect(files.get('claude-code')).not.toMatch(/^tools:$/m);
    expect(files.get('claude-code')).not.toMatch(/^tools: \{/m);
  });

  test('a pattern on the name of a server is no grant of the server', () => {
    const { files, codes } = build('tools: Read, mcp__github(create_issue)\n');
    for (const [target, content] of files)
      if (TARGETS.find(({ name }) => name === target)?.dialect !== 'source')
        expect([target, content.includes('github')]).toEqual([target, false]);
    expect(codes).toContain('tool-unknown');
  });

  test.each(['{ "*": { "*": deny } }', '{ "*": deny, "ba*": deny }'])('rules under a wildcard hold: permission: %s', (rules) => {
    expect(silentlyGained(`permission: ${rules}\n`, () => false)).toEqual([]);
  });

  test('a wildcard that names some tools denies those', () => {
    const allowed = (act: Act): boolean => !['shell', 'web-fetch', 'web-search'].includes(act.capability);
    expect(silentlyGained('permission: { "ba*": deny, "web*": deny }\n', allowed)).toEqual([]);
  });

  test("denials of an assistant's own tools stay for it", () => {
    const { files } = build('disallowedTools: Bash\npermission: { external_directory: deny }\n');
    expect(files.get('opencode')).toMatch(/external_directory: deny/);
  });

  test('what a person is to be asked about is told where nobody is asked', () => {
    const { told } = build('permission: { edit: deny, bash: ask }\n');
    expect(told('gemini-cli').gained).toContain('shell without asking');
    expect(told('opencode').gained).toEqual([]);
  });

  test.each([
    ['permission: {"*": deny, "github_*": allow, "github_delete_repo": deny}\n', 'github'],
    ['permission: {"github*": deny}\n', 'github'],
    ['permission: {github_create_issue: deny}\n', 'github'],
    ['tools: Read, mcp__github\npermission: {github_delete_repo: deny}\n', 'github'],
  ])('a denial of a tool of a server holds or is told: %s', (header, server) => {
    const { files, told } = build(header);
    for (const [target, content] of files) {
      const denies = new RegExp(`(?:disallowed[\\s\\S]*mcp__${server}|disabled_tools[\\s\\S]*${server}|${server}_?[a-z_*]*"?: deny)`).test(
        content,
      );
      const grants = content.includes(server) || /mcp_\*/.test(content) || target === 'cursor' || target === 'codex';
      const tells = told(target).gained.some((text) => text.includes('MCP') || text.includes(server));
      expect([target, denies || tells || !grants]).toEqual([target, true]);
    }
  });

  test.each([
    ['tools: Read, Bash\npermission: { bash: { "*": ask, "rm *": deny } }\n', ['"*": ask', 'rm *: deny']],
    ['tools: Read, Bash(git *)\npermission: { bash: ask }\n', ['"*": deny', 'git *: ask']],
    ['tools: Read, Bash\nreadonly: false\npermission: { bash: { "*": deny, "git push*": ask } }\n', ['"*": deny', 'git push*: ask']],
    ['tools: { write: false }\npermission: { bash: ask }\n', ['bash: ask', 'edit: deny']],
    ['tools: Read, mcp__github\npermission: { "github_*": ask }\n', ['github_*: ask']],
    ['readonly: true\npermission: { "*": deny, read: allow, external_directory: ask }\n', ['external_directory: ask']],
  ])('asking stays asking in OpenCode: %s', (header, lines) => {
    const { files, codes } = build(header);
    expect(codes).not.toContain('structure-invalid');
    for (const line of lines) expect(files.get('opencode')?.replaceAll('"git', 'git')).toContain(line);
    expect(files.get('opencode')).not.toMatch(/bash: allow/);
  });

  test('what is asked about at a server is told where nobody is asked', () => {
    const { told } = build('permission: { "*": deny, read: allow, "github_*": ask }\n');
    expect(told('claude-code').gained).toContain('github_* without asking');
  });

  test('a pattern over names of agents stays one', () => {
    const { files } = build('tools: Read, Task\npermission: { task: { "*": allow, "rev-*": deny } }\n');
    expect(files.get('opencode')).toMatch(/rev-\*: deny/);
  });

  test('a denial that Claude Code would not match is written so that it holds, and that is told', () => {
    const { files, told } = build('tools: Read, mcp__github\ndisallowedTools: mcp__github__delete_*\n');
    expect(files.get('claude-code')).toMatch(/^disallowedTools: mcp__github$/m);
    expect(told('claude-code').lost).toContain('other tools of github');
  });

  test('a denial of a name that no file can have is not lost', () => {
    expect(build('disallowedTools: Agent(!!!)\n').files.get('opencode')).toMatch(/"!!!": deny/);
  });

  test('what another field brings along lifts a limit, and that is told', () => {
    expect(build('tools: Read, Edit(docs/**)\nmemory: project\n').told('claude-code').gained).toContain('edit beyond `docs/**`');
  });

  test('rules whose order would be lost are refused', () => {
    const { codes } = build('permission: { bash: { "*": allow, "1": deny } }\n');
    expect(codes).toEqual(['structure-invalid']);
  });

  test('a misspelt denial is told as what it leaves in', () => {
    const { diagnostics } = compile(
      { agents: [{ path: 'a.md', content: '---\nname: agent\ndescription: Does it.\ndisallowedTools: Bsh\n---\nDo the work.\n' }] },
      ASSISTANTS,
    );
    expect(diagnostics.map(({ code }) => code).filter((code) => code !== 'field-changed')).toEqual(['denial-unknown']);
  });
});

test('what is asked for and not granted is told', () => {
  fc.assert(
    fc.property(policyArbitrary, (policy) => {
      const { files, told } = build(headerOf(policy));
      const silent = [...files].flatMap(([target, file]) =>
        ACTS.filter((act) => {
          // Of an open list the author expects what the assistant has.
          const named = policy.tools?.some((word) => claudeCovers(word, act)) === true;
          const refused = policy.disallowedTools?.some((word) => claudeCovers(word, act)) === true;
          const may = [act.capability, ...(COMES_WITH[act.capability] ?? [])].some((capability) =>
            mayDo(target, file, { ...act, capability }),
          );
          return named && !refused && !may && !mentions(told(target).lost, act);
        }).map(({ capability, on }) => `${target}: ${capability} on ${on}`),
      );
      expect(silent).toEqual([]);
    }),
    RUNS,
  );
});

/** Policies worth a look side by side: see grant.txt. */
const TABLE: readonly string[] = [
  'tools: Read',
  'tools: Read, Grep',
  'tools: Write',
  'tools: Edit',
  'tools: Bash',
  'tools: Bash(git log:*)',
  'tools: WebFetch',
  'tools: TodoWrite, Agent, Skill, LSP, AskUserQuestion',
  'tools: Agent(reviewer)',
  'tools: mcp__github',
  'tools: mcp__github__create',
  'tools: mcp__my_server__run',
  'tools: []',
  'disallowedTools: Bash',
  'disallowedTools: Write, Edit, NotebookEdit, Bash',
  'disallowedTools: mcp__github',
  'tools: Read, Bash\ndisallowedTools: Bash(git push:*)',
  'tools: Read, mcp__github\ndisallowedTools: mcp__github__create',
  'readonly: true',
];

test('policy × target', async () => {
  const blocks = TABLE.map((policy) => {
    const { files, told } = build(`${policy}\n`);
    const lines = TARGET_NAMES.map((target) => {
      const file = files.get(target) ?? '';
      const granted = Object.keys(ON).flatMap((capability) => {
        const acts = ACTS.filter((act) => act.capability === capability);
        const may = acts.filter((act) => mayDo(target, file, act));
        if (may.length === 0) return [];
        return [may.length === acts.length ? capability : `${capability} (${may.map((act) => act.on).join(', ')})`];
      });
      const { gained, lost } = told(target);
      const rows = [`  ${target}: ${granted.join(', ') || 'nothing'}`];
      if (gained.length > 0) rows.push(`    gained: ${gained.join(', ')}`);
      if (lost.length > 0) rows.push(`    lost: ${lost.join(', ')}`);
      return rows.join('\n');
    });
    return `${policy}\n${lines.join('\n')}\n`;
  });
  await expect(blocks.join('\n')).toMatchFileSnapshot(path.join(import.meta.dirname, 'grant.txt'));
});
