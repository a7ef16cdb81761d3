/** Fragments and bases of npm packages: packed by `npm pack`, installed by `npm install`, used by the bundled program. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../src/compile.js';
import { createInputs } from '../src/project/cache/inputs.js';
import { createPackageFinder } from '../src/project/packages.js';
import { TARGETS } from '../src/targets/index.js';
import { writeFiles } from './project-files.js';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const SCRATCH = realpathSync(mkdtempSync(path.join(tmpdir(), 'polyagent-packages-')));
const PROJECT = path.join(SCRATCH, 'project');
const CLAUDE = TARGETS.filter(({ name }) => name === 'claude-code');

type Files = { readonly [name: string]: string | Uint8Array };

const write = (files: Files, folder = PROJECT): void => writeFiles(folder, files);

function run(command: string, args: readonly string[], cwd: string): { code: number | null; out: string } {
  const { NO_COLOR: _no, FORCE_COLOR: _force, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8', timeout: 60_000 });
  return { code: status, out: stderr + stdout };
}

function npm(args: readonly string[], cwd: string): void {
  const { code, out } = run('npm', [...args, '--offline', '--no-audit', '--no-fund', '--silent'], cwd);
  if (code !== 0) throw new Error(`npm ${args.join(' ')}: ${out}`);
}

/** Builds agents, each given by its front matter and body, and gives what was printed and the prompt of each. */
function build(agents: { readonly [name: string]: string }, more: Files = {}, cwd = PROJECT) {
  for (const folder of ['agents', 'dist']) rmSync(path.join(cwd, folder), { recursive: true, force: true });
  write({ ...Object.fromEntries(Object.entries(agents).map(([name, text]) => [`agents/${name}.md`, agent(name, text)])), ...more }, cwd);
  const { code, out } = run(process.execPath, [CLI, 'build', '--to', 'claude-code', '--verbose'], cwd);
  const prompt = (name: string): string => {
    const file = path.join(cwd, 'dist/claude-code/.claude/agents', `${name}.md`);
    return existsSync(file) ? readFileSync(file, 'utf8').replace(/^---\n.*?\n---\n/s, '') : '';
  };
  return { code, messages: out.replace(/^(?:[✔✖]|[+=~-] dist)[\s\S]*$/m, '').trimEnd(), prompt };
}

const agent = (name: string, text: string): string => {
  const [keys = '', body = 'You help.\n'] = text.split('---\n');
  return `---\nname: ${name}\ndescription: Does ${name}.\n${keys}---\n${body}`;
};

const section = (title: string, ...items: readonly string[]): string => `## ${title}\n\n${items.map((item) => `- ${item}\n`).join('')}`;

const manifest = (name: string, version: string, more: object = {}): string => JSON.stringify({ name, version, ...more });

/** What is packed. `tones` has no `exports`, and two versions; the others have. */
const PACKAGES: { readonly [folder: string]: Files } = {
  'tones-1': { 'package.json': manifest('house-tones', '1.0.0'), 'calm.md': section('Tone', 'Stay calm, as in version 1') },
  'tones-2': {
    'package.json': manifest('house-tones', '2.0.0'),
    'README.md': 'Tones.\n',
    'calm.md': section('Tone', 'Stay calm, as in version 2'),
    'calm.js': 'throw new Error();\n',
    'only-code.js': 'throw new Error();\n',
    'latin.md': Buffer.from('## Tone\n\n- Caf\xe9\n', 'latin1'),
    'fragments/brisk.md': `---\nfragments: [deep/short]\n---\n${section('Pace', 'Be brisk')}`,
    'fragments/deep/short.md': `---\nfragments: [loud, house-tones/fragments/brisk-not]\n---\n${section('Length', 'Be short')}`,
    'fragments/loud.md': section('Volume', 'Be loud'),
    'more/quiet.md': section('Volume', 'Be quiet'),
  },
  fragments: {
    'package.json': manifest('@acme/agent-fragments', '1.0.0', {
      files: ['fragments', 'law'],
      exports: {
        './*': './fragments/*.md',
        './internal/*': null,
        './law/*': './law/*.md',
        './main': { node: './fragments/security.md', default: './none.js' },
      },
      dependencies: { 'house-tones': `file:${path.join(SCRATCH, 'house-tones-1.0.0.tgz')}` },
    }),
    'fragments/security.md': `---\nparams: { years: 5 }\nfragments: [secrets, house-tones/calm, '@acme/agent-fragments/secrets']\n---\n${section('Security', 'Keep logs for {{years}} years')}`,
    'fragments/secrets.md': section('Secrets', 'Print none'),
    'fragments/internal/draft.md': section('Draft', 'Not yet'),
    'fragments/circle.md': `---\nfragments: ['@acme/agents/fragments/circle']\n---\n${section('Circle', 'Go round')}`,
    'law/privacy.md': section('Privacy', 'Ask first'),
    'not-packed.md': section('Lost', 'Not packed'),
  },
  agents: {
    'package.json': manifest('@acme/agents', '1.0.0', { exports: { './*': './*.md' } }),
    'engineer.md':
      '---\nname: engineer\ndescription: Builds.\nmodel: opus\ntools: Read, Grep\nextends: person\nfragments: [review]\n---\nYou build things.\n\n## Rules\n\n- Ask first\n',
    '_person.md': `${section('Manners', 'Say thanks')}\n${section('Rules', 'Be honest')}`,
    'review.md': section('Review', 'Read the change twice'),
    'fragments/circle.md': `---\nfragments: ['@acme/agent-fragments/circle']\n---\n${section('Ring', 'Come back')}`,
    'lead.md': '---\nextends: lead\n---\nYou lead.\n',
    '_lead.md': section('Leading', 'Listen'),
    'endless.md': '---\nextends: endless\n---\nText.\n',
  },
  single: {
    'package.json': manifest('one-rule', '1.0.0', { main: 'rule.md' }),
    'rule.md': section('The rule', 'One thing at a time'),
  },
};

beforeAll(() => {
  if (!existsSync(CLI)) throw new Error('dist/cli.js is missing: npm run build');
  for (const [folder, files] of Object.entries(PACKAGES)) write(files, path.join(SCRATCH, folder));
  write({ 'package.json': manifest('project', '0.0.0', { private: true }) });
  npm(['pack', ...Object.keys(PACKAGES).map((folder) => `./${folder}`)], SCRATCH);
  const tarballs = ['house-tones-2.0.0', 'acme-agent-fragments-1.0.0', 'acme-agents-1.0.0', 'one-rule-1.0.0'];
  npm(['install', ...tarballs.map((name) => path.join(SCRATCH, `${name}.tgz`))], PROJECT);
}, 120_000);
afterAll(() => rmSync(SCRATCH, { recursive: true, force: true }));

describe('a fragment of a package', () => {
  it('is found by what the package exports, with its neighbours and its own dependencies', () => {
    const { code, messages, prompt } = build({ a: "fragments: ['@acme/agent-fragments/security']\n" });
    expect([code, messages]).toEqual([0, '']);
    expect(prompt('a')).toBe(
      `You help.\n\n${section('Security', 'Keep logs for 5 years')}\n${section('Secrets', 'Print none')}\n${section('Tone', 'Stay calm, as in version 1')}`,
    );
  });

  it('takes parameters, by its map entry and by a directive', () => {
    const { code, prompt } = build({
      a: "fragments:\n  - use: '@acme/agent-fragments/main'\n    with: { years: 9 }\n---\nYou help.\n\n## More\n\n<!-- @fragment @acme/agent-fragments/secrets -->\n\n## End\n\nThat is all.\n",
    });
    expect(code).toBe(0);
    expect(prompt('a')).toContain('## More\n\n### Secrets\n\n- Print none\n');
    expect(prompt('a')).toContain('- Keep logs for 9 years\n');
  });

  it('needs no exports: a file of the package, with .md or without, or one of its folder `fragments`', () => {
    const { code, prompt } = build({
      a: 'fragments: [house-tones/calm]\n',
      b: 'fragments: [house-tones/calm.md, one-rule]\n',
      c: 'fragments: [house-tones/loud]\n',
    });
    expect(code).toBe(0);
    expect(prompt('a')).toBe(`You help.\n\n${section('Tone', 'Stay calm, as in version 2')}`);
    expect(prompt('b')).toBe(`${prompt('a')}\n${section('The rule', 'One thing at a time')}`);
    expect(prompt('c')).toBe(`You help.\n\n${section('Volume', 'Be loud')}`);
  });

  it('that is reached by two names is one fragment', () => {
    const { code, messages, prompt } = build({
      a: "fragments: ['@acme/agent-fragments/security', '@acme/agent-fragments/main']\n",
    });
    expect([code, messages]).toEqual([0, expect.stringContaining('info[fragment-repeated]')]);
    expect(prompt('a').match(/## Security/g)).toHaveLength(1);
  });

  it('comes after one of the project, in the project', () => {
    const { code, prompt } = build(
      { a: 'fragments: [house-tones/calm]\n' },
      { 'agents/fragments/house-tones/calm.md': section('Own', 'Ours') },
    );
    expect([code, prompt('a')]).toEqual([0, `You help.\n\n${section('Own', 'Ours')}`]);
  });

  it('comes before one of the project, in its package', () => {
    const { code, prompt } = build(
      { a: "fragments: ['@acme/agent-fragments/security']\n" },
      { 'agents/fragments/secrets.md': section('Own', 'Ours') },
    );
    expect(code).toBe(0);
    expect(prompt('a')).toContain('## Secrets');
    expect(prompt('a')).not.toContain('## Own');
  });

  it('is read without the quotes that YAML wants, and the report says so', () => {
    const { code, messages, prompt } = build({
      a: 'fragments: [@acme/agent-fragments/secrets, one-rule]\n',
      b: 'fragments:\n  - @acme/agent-fragments/secrets\n  - one-rule\n',
      c: 'fragments:\n  - use: @acme/agent-fragments/secrets\n  - one-rule\n',
    });
    expect(code).toBe(0);
    expect([prompt('b'), prompt('c')]).toEqual([prompt('a'), prompt('a')]);
    expect(messages.split('\n\n')[0]).toMatchInlineSnapshot(`
      "warning[front-matter-repaired]: \`@acme/agent-fragments/secrets\` is not YAML; it was read as plain text
        agents/a.md:4:13
      4 | fragments: [@acme/agent-fragments/secrets, one-rule]
        |             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ an unquoted value cannot begin with @
      help: Put \`@acme/agent-fragments/secrets\` in quotes. Strict assistants skip the whole file without a word."
    `);
  });

  it('that is not UTF-8 is an error at the byte', () => {
    const { code, messages, prompt } = build({ a: 'fragments: [house-tones/latin]\n' });
    expect([code, prompt('a')]).toEqual([1, '']);
    expect(messages).toMatchInlineSnapshot(`
      "error[source-not-utf8]: Byte 14 (0xe9) is not valid UTF-8
        node_modules/house-tones/latin.md:3:6
      3 | - Caf�
        |      ^
      help: Save the file as UTF-8. Assistants read nothing else."
    `);
  });

  it('that cannot be read is an error at its use', () => {
    const file = path.join(PROJECT, 'node_modules/house-tones/huge.md');
    write({ [path.relative(PROJECT, file)]: '' });
    // More than Node reads at once. It takes no room on the disk.
    truncateSync(file, 2 ** 31);
    const { code, messages } = build({ a: 'fragments: [house-tones/huge]\n' });
    rmSync(file);
    expect(code).toBe(1);
    expect(messages).toContain('agents/a.md:4:13');
    expect(messages).toContain('It would be node_modules/house-tones/huge.md (ERR_FS_FILE_TOO_LARGE), which cannot be read.');
  });

  it('that uses one that uses it is an error, across packages too', () => {
    const { code, messages } = build({ a: "fragments: ['@acme/agent-fragments/circle']\n" });
    expect(code).toBe(1);
    expect(messages).toMatchInlineSnapshot(`
      "error[fragment-cycle]: Fragments use each other in a circle: @acme/agent-fragments/circle → @acme/agents/fragments/circle → @acme/agent-fragments/circle
        node_modules/@acme/agents/fragments/circle.md:2:13
      2 | fragments: ['@acme/agent-fragments/circle']
        |             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      help: Take one of these references out."
    `);
  });

  it('finds neighbours in the folders above, as in a project, and says which are missing', () => {
    const { code, messages } = build({ a: 'fragments: [house-tones/brisk]\n' });
    expect(code).toBe(1);
    // `deep/short` and `loud` were found.
    expect(messages).toMatchInlineSnapshot(`
      "error[fragment-not-found]: There is no fragment called \`house-tones/fragments/brisk-not\`
        node_modules/house-tones/fragments/deep/short.md:2:19
      2 | fragments: [loud, house-tones/fragments/brisk-not]
        |                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      help: The package \`house-tones\` has no such Markdown file. It has: house-tones/brisk, house-tones/calm, house-tones/deep/short, house-tones/latin, house-tones/loud, house-tones/more/quiet."
    `);
  });
});

describe('a base of a package', () => {
  it('is extended as one of the project is, with its own base and fragments', () => {
    const { code, messages, prompt } = build({
      a: "extends: '@acme/agents/engineer'\n---\nYou build servers.\n\n## Rules\n\n<!-- @super -->\n- Log little\n",
    });
    expect(code).toBe(0);
    expect(messages).not.toContain('error');
    expect(prompt('a')).toMatchInlineSnapshot(`
      "You build servers.

      ## Manners

      - Say thanks

      ## Rules

      - Ask first
      - Log little

      ## Review

      - Read the change twice
      "
    `);
    const built = readFileSync(path.join(PROJECT, 'dist/claude-code/.claude/agents/a.md'), 'utf8');
    expect(built).toContain('tools: Read, Grep\n');
    expect(built).toContain('model: opus\n');
  });

  it('extends its hidden namesake beside it', () => {
    const { code, prompt } = build({ a: "extends: '@acme/agents/lead'\n" });
    expect([code, prompt('a')]).toEqual([0, `You help.\n\n${section('Leading', 'Listen')}`]);
  });

  it('extends no file of the project, and not itself', () => {
    const { prompt } = build({ a: "extends: '@acme/agents/engineer'\n" }, { '_person.md': section('Own', 'Ours') });
    rmSync(path.join(PROJECT, '_person.md'));
    expect(prompt('a')).toContain('Say thanks');
    expect(prompt('a')).not.toContain('Own');
    const { code, messages } = build({ a: "extends: '@acme/agents/endless'\n" });
    expect(code).toBe(1);
    expect(messages).toContain('node_modules/@acme/agents/endless.md extends itself');
  });
});

describe('a name that leads to nothing', () => {
  it('says what is wrong: no package, no file, no export', () => {
    const { code, messages } = build({
      a: "fragments: ['@acme/nowhere/x', '@acme/agent-fragments/secrity', '@acme/agent-fragments/internal/draft', '@acme/agents', '@acme/agent-fragments/privacy']\n",
      b: 'fragments: [nowhere/x, house-tones/only-code, house-tones, house-tones/quiet]\n',
      c: "extends: '@acme/nowhere/x'\n",
      d: "extends: '@acme/agents/enginer'\n",
    });
    expect(code).toBe(1);
    expect(messages).toMatchInlineSnapshot(`
      "error[fragment-not-found]: There is no fragment called \`@acme/nowhere/x\`
        agents/a.md:4:13
      4 | fragments: ['@acme/nowhere/x', '@acme/agent-fragments/secrity', '@acme/agent-fragments/internal/draft', '@acme/age…
        |             ^^^^^^^^^^^^^^^^^
      help: The package \`@acme/nowhere\` is not installed: \`npm install --save-dev @acme/nowhere\`.

      error[fragment-not-found]: There is no fragment called \`@acme/agent-fragments/secrity\`
        agents/a.md:4:32
      4 | fragments: ['@acme/nowhere/x', '@acme/agent-fragments/secrity', '@acme/agent-fragments/internal/draft', '@acme/age…
        |                                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ did you mean \`@acme/agent-fragments/security\`?
      help: The package \`@acme/agent-fragments\` has no such Markdown file. It has: @acme/agent-fragments/circle, @acme/agent-fragments/law/privacy, @acme/agent-fragments/secrets, @acme/agent-fragments/security.

      error[fragment-not-found]: There is no fragment called \`@acme/agent-fragments/internal/draft\`
        agents/a.md:4:65
      4 | …/x', '@acme/agent-fragments/secrity', '@acme/agent-fragments/internal/draft', '@acme/agents', '@acme/agent-fragmen…
        |                                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      help: \`exports\` in the package.json of \`@acme/agent-fragments\` does not give out its file fragments/internal/draft.md. It has: @acme/agent-fragments/circle, @acme/agent-fragments/law/privacy, @acme/agent-fragments/secrets, @acme/agent-fragments/security.

      error[fragment-not-found]: There is no fragment called \`@acme/agents\`
        agents/a.md:4:105
      4 | …acme/agent-fragments/internal/draft', '@acme/agents', '@acme/agent-fragments/privacy']
        |                                        ^^^^^^^^^^^^^^
      help: \`@acme/agents\` is a package: name a Markdown file of it. It has: @acme/agents/_lead, @acme/agents/_person, @acme/agents/endless, @acme/agents/engineer, @acme/agents/fragments/circle, @acme/agents/lead, @acme/agents/review.

      error[fragment-not-found]: There is no fragment called \`@acme/agent-fragments/privacy\`
        agents/a.md:4:121
      4 | …ents/internal/draft', '@acme/agents', '@acme/agent-fragments/privacy']
        |                                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      help: The package \`@acme/agent-fragments\` has no such Markdown file. It has: @acme/agent-fragments/circle, @acme/agent-fragments/law/privacy, @acme/agent-fragments/secrets, @acme/agent-fragments/security.

      error[fragment-not-found]: There is no fragment called \`nowhere/x\`
        agents/b.md:4:13
      4 | fragments: [nowhere/x, house-tones/only-code, house-tones, house-tones/quiet]
        |             ^^^^^^^^^
      help: This project has no fragments. Put them into a folder \`fragments\` beside the agents. A package \`nowhere\` is not installed.

      error[fragment-not-found]: There is no fragment called \`house-tones/only-code\`
        agents/b.md:4:24
      4 | fragments: [nowhere/x, house-tones/only-code, house-tones, house-tones/quiet]
        |                        ^^^^^^^^^^^^^^^^^^^^^
      help: The package \`house-tones\` has no such Markdown file. It has: house-tones/brisk, house-tones/calm, house-tones/deep/short, house-tones/latin, house-tones/loud, house-tones/more/quiet.

      error[fragment-not-found]: There is no fragment called \`house-tones\`
        agents/b.md:4:47
      4 | fragments: [nowhere/x, house-tones/only-code, house-tones, house-tones/quiet]
        |                                               ^^^^^^^^^^^
      help: \`house-tones\` is a package: name a Markdown file of it. It has: house-tones/brisk, house-tones/calm, house-tones/deep/short, house-tones/latin, house-tones/loud, house-tones/more/quiet.

      error[fragment-not-found]: There is no fragment called \`house-tones/quiet\`
        agents/b.md:4:60
      4 | …, house-tones/only-code, house-tones, house-tones/quiet]
        |                                        ^^^^^^^^^^^^^^^^^
      help: The package \`house-tones\` has no such Markdown file. It has: house-tones/brisk, house-tones/calm, house-tones/deep/short, house-tones/latin, house-tones/loud, house-tones/more/quiet.

      error[base-not-found]: There is nothing called \`@acme/nowhere/x\` to extend
        agents/c.md:4:10
      4 | extends: '@acme/nowhere/x'
        |          ^^^^^^^^^^^^^^^^^
      help: The package \`@acme/nowhere\` is not installed: \`npm install --save-dev @acme/nowhere\`.

      error[base-not-found]: There is nothing called \`@acme/agents/enginer\` to extend
        agents/d.md:4:10
      4 | extends: '@acme/agents/enginer'
        |          ^^^^^^^^^^^^^^^^^^^^^^ did you mean \`@acme/agents/engineer\`?
      help: The package \`@acme/agents\` has no such Markdown file. It has: @acme/agents/_lead, @acme/agents/_person, @acme/agents/endless, @acme/agents/engineer, @acme/agents/fragments/circle, @acme/agents/lead, @acme/agents/review."
    `);
  });

  it('is no file of a package when it is no name of one', () => {
    const names = [
      'node:fs',
      'fs',
      'fs/promises',
      './secret',
      '../secret',
      'house-tones/../../secret',
      'house-tones/fragments/../calm',
      '@acme/../../secret',
      'house-tones\\calm',
      'house-tones//calm',
      '#calm',
    ];
    const { code, messages } = build({ a: `fragments: ${JSON.stringify(names)}\n` }, { 'secret.md': 'Secret.\n' });
    expect(code).toBe(1);
    expect(messages.match(/error\[fragment-not-found\]/g)).toHaveLength(names.length);
    expect(messages.match(/help: This project has no fragments\./g)).toHaveLength(names.length);
  });

  it('is no path or URL of a file either', () => {
    const file = path.join(PROJECT, 'node_modules/house-tones/calm.md');
    const find = createPackageFinder({ cwd: PROJECT, root: PROJECT });
    expect([find(file, 'agents/a.md'), find(`file://${file}`, 'agents/a.md')]).toEqual([undefined, undefined]);
  });
});

describe('a package that is linked', () => {
  const workspace = path.join(SCRATCH, 'workspace');
  afterEach(() => rmSync(workspace, { recursive: true, force: true }));

  it('as a workspace is known by the path where it is edited', () => {
    write(
      {
        'package.json': manifest('workspace', '0.0.0', { private: true, workspaces: ['packages/*'] }),
        'packages/rules/package.json': manifest('@acme/rules', '0.0.0'),
        'packages/rules/fragments/review.md': `---\nfragments: [tone]\n---\n${section('Review', 'Read twice')}`,
        'packages/rules/fragments/tone.md': `---\nparam: 1\n---\n${section('Tone', 'Calm')}`,
      },
      workspace,
    );
    npm(['install'], workspace);
    const { code, messages, prompt } = build({ a: "fragments: ['@acme/rules/review']\n" }, {}, workspace);
    expect([code, prompt('a')]).toEqual([0, `You help.\n\n${section('Review', 'Read twice')}\n${section('Tone', 'Calm')}`]);
    expect(messages).toContain('packages/rules/fragments/tone.md:2:1');
  });

  it('from a store, as by pnpm, finds the dependencies that lie beside it there', () => {
    const store = 'node_modules/.store/house/node_modules';
    write(
      {
        // Installed under another name than its own, which it calls itself by.
        [`${store}/house/package.json`]: manifest('rules', '1.0.0'),
        [`${store}/house/review.md`]: `---\nfragments: [tones/calm, rules/short]\n---\n${section('Review', 'Read twice')}`,
        [`${store}/house/short.md`]: section('Length', 'Be short'),
        [`${store}/tones/package.json`]: manifest('tones', '1.0.0'),
        [`${store}/tones/calm.md`]: section('Tone', 'Calm'),
      },
      workspace,
    );
    symlinkSync('.store/house/node_modules/house', path.join(workspace, 'node_modules/house'), 'dir');
    const { code, prompt } = build({ a: 'fragments: [house/review]\n' }, {}, workspace);
    const sections = [section('Review', 'Read twice'), section('Tone', 'Calm'), section('Length', 'Be short')];
    expect([code, prompt('a')]).toEqual([0, ['You help.\n', ...sections].join('\n')]);
    expect(build({ a: 'fragments: [tones/calm]\n' }, {}, workspace).code).toBe(1);
  });
});

describe('the finder of packages', () => {
  const compiled = (content: string) => {
    const inputs = createInputs(new Map());
    const find = createPackageFinder({ cwd: PROJECT, root: PROJECT }, inputs);
    const { files } = compile({ agents: [{ path: 'agents/a.md', content }], find }, CLAUDE);
    const read = [...inputs.records.keys()].filter((file) => file.endsWith('.md')).sort();
    return { read, pieces: files.flatMap((file) => file.pieces) };
  };

  it('gives each stretch of an output the file of the package that it is from', () => {
    const { read, pieces } = compiled(agent('a', "extends: '@acme/agents/engineer'\nfragments: ['@acme/agent-fragments/security']\n"));
    const origins = pieces.filter(({ written }) => !written).map(({ text, origin }) => [origin.kind, origin.path, text.trim()]);
    expect(origins).toContainEqual(['fragment', 'node_modules/@acme/agent-fragments/fragments/secrets.md', 'Print none']);
    expect(origins).toContainEqual([
      'fragment',
      'node_modules/@acme/agent-fragments/node_modules/house-tones/calm.md',
      'Stay calm, as in version 1',
    ]);
    expect(origins.some(([kind, file]) => kind === 'base' && file === 'node_modules/@acme/agents/_person.md')).toBe(true);
    expect(read.map((file) => path.relative(PROJECT, file).replaceAll('\\', '/'))).toEqual([
      'node_modules/@acme/agent-fragments/fragments/secrets.md',
      'node_modules/@acme/agent-fragments/fragments/security.md',
      'node_modules/@acme/agent-fragments/node_modules/house-tones/calm.md',
      'node_modules/@acme/agents/_person.md',
      'node_modules/@acme/agents/engineer.md',
    ]);
  });

  it('is not asked for what the project has', () => {
    const asked: string[] = [];
    const fragments = [{ name: 'tone', path: 'agents/fragments/tone.md', content: section('Tone', 'Calm') }];
    const bases = [{ path: 'agents/_person.md', content: 'Text.\n' }];
    const agents = [{ path: 'agents/a.md', content: agent('a', 'extends: person\nfragments: [tone]\n') }];
    const { failed } = compile({ agents, fragments, bases, find: (name) => void asked.push(name) }, CLAUDE);
    expect([failed, asked]).toEqual([[], []]);
  });
});
