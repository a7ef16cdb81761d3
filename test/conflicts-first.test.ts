/** What is in the way is known before the first file is written; it stays as it is, and everything else is written. */
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { patchDisk, restoreDisk } from './changed-disk.js';
import { type Files, writeFiles } from './project-files.js';
import { type Ran, runMain } from './run-main.js';

/** What happened, in order: codes of what was found, and the paths of what was changed. */
const events = vi.hoisted((): string[] => []);

vi.mock(import('../src/diagnostics/report.js'), async (load) => {
  const module = await load();
  return {
    ...module,
    createReport(levels) {
      const report = module.createReport(levels);
      return {
        ...report,
        get findings() {
          return report.findings;
        },
        get diagnostics() {
          return report.diagnostics;
        },
        addForFile(code, file, data) {
          events.push(`found ${code}`);
          report.addForFile(code, file, data);
        },
        take(findings) {
          for (const { code } of findings) events.push(`found ${code}`);
          report.take(findings);
        },
      };
    },
  };
});

const TARGETS = fileURLToPath(new URL('../src/targets/index.ts', import.meta.url));
const SCRATCH = fs.realpathSync(fs.mkdtempSync(path.join(tmpdir(), 'polyagent-first-')));
const CLAUDE = 'dist/claude-code/.claude/agents';

let folder = '';
let made = 0;
beforeEach(() => {
  folder = path.join(SCRATCH, String(made++));
  // `a` is written first, `z` last: what is wrong with `z` must be known before `a` is written.
  write({ 'agents/a.md': agent('a'), 'agents/m.md': agent('m'), 'agents/z.md': agent('z') });
});
afterEach(restoreDisk);
afterAll(() => fs.rmSync(SCRATCH, { recursive: true, force: true }));

const at = (...parts: string[]): string => path.join(folder, ...parts);
const agent = (name: string, more = ''): string => `---\nname: ${name}\ndescription: Does ${name}.\n${more}---\nBody of ${name}.\n`;

const write = (files: Files): void => writeFiles(folder, files);

/** Builds, and tells what happened meanwhile. */
async function build(args: readonly string[]): Promise<Ran & { readonly events: readonly string[] }> {
  events.length = 0;
  patchDisk(({ name, file, make }) => {
    events.push(`${name} ${path.relative(folder, file)}`);
    return make();
  });
  const ran = await runMain(folder, 'build', '-q', ...args);
  restoreDisk();
  return { ...ran, events: [...events] };
}

/** Whether an event is a change, and not one for the lock or for the bundle of the config. */
const isChange = (event: string): boolean =>
  !/^found |\.polyagent\.lock$|^mkdirSync (?:dist|both)?$|^rmdirSync both$|^writeSync |Sync \.\./.test(event);

interface Case {
  readonly code: string;
  readonly args?: readonly string[];
  readonly first?: () => void;
  /** Brings the conflict about, in a project that is built already. */
  readonly spoil: () => void;
  /** Is as it was. */
  readonly stays?: string;
  /** Where the outputs for Claude Code are. */
  readonly out?: string;
}

const snapshot = (file: string): string => {
  const stat = fs.lstatSync(at(file));
  const inside = stat.isDirectory()
    ? fs.readdirSync(at(file)).join()
    : stat.isSymbolicLink()
      ? fs.readlinkSync(at(file))
      : fs.readFileSync(at(file), 'utf8');
  return `${stat.mode} ${inside}`;
};

const CASES: { readonly [title: string]: Case } = {
  'a file of somebody else’s': {
    code: 'output-foreign',
    spoil: () => write({ 'agents/zz.md': agent('zz'), [`${CLAUDE}/zz.md`]: 'Mine.' }),
    stays: `${CLAUDE}/zz.md`,
  },
  'an output that was edited': {
    code: 'output-edited',
    spoil: () => fs.appendFileSync(at(CLAUDE, 'z.md'), 'More.\n'),
    stays: `${CLAUDE}/z.md`,
  },
  'an output that was edited, and whose source is gone': {
    code: 'output-edited',
    spoil() {
      fs.appendFileSync(at(CLAUDE, 'z.md'), 'More.\n');
      fs.rmSync(at('agents/z.md'));
    },
    stays: `${CLAUDE}/z.md`,
  },
  'two agents of one name': {
    code: 'name-duplicate',
    spoil: () => write({ 'agents/zz.md': agent('z') }),
    stays: `${CLAUDE}/z.md`,
  },
  'two agents whose names differ in case only': {
    code: 'name-duplicate',
    spoil: () => write({ 'agents/zz.md': agent('Z') }),
    stays: `${CLAUDE}/z.md`,
  },
  'two targets on one path': {
    code: 'output-collision',
    args: [],
    first: () => write({ 'build.config.js': "export default { targets: ['claude-code', 'codex'] };\n" }),
    spoil: () =>
      write({
        'build.config.js': `import { TARGETS } from '${TARGETS}';
const codex = TARGETS.find(({ name }) => name === 'codex');
export default { targets: ['claude-code', { name: 'codex', outDir: 'both' }, { ...codex, name: 'other' }, { name: 'other', outDir: 'both' }] };\n`,
        'templates/other.hbs': fs.readFileSync(new URL('../templates/codex.hbs', import.meta.url), 'utf8'),
      }),
  },
  'an output that is a source': {
    code: 'output-is-source',
    args: [],
    out: '.claude/agents',
    first: () =>
      write({
        '.claude/agents/k.md': agent('k'),
        'build.config.js':
          "export default { agents: ['agents', '.claude/agents'], targets: [{ name: 'claude-code', outDir: '.' }, 'codex'] };\n",
      }),
    spoil: () => write({ '.claude/agents/s.md': agent('s', 'fragments: [f]\n'), '.claude/agents/fragments/f.md': '## F\n\nText.\n' }),
    stays: '.claude/agents/s.md',
  },
  'a folder where a file is to be': {
    code: 'output-blocked',
    spoil() {
      fs.rmSync(at(CLAUDE, 'z.md'));
      write({ [`${CLAUDE}/z.md/mine.txt`]: 'Mine.' });
    },
    stays: `${CLAUDE}/z.md`,
  },
  'a file where a folder is to be': {
    code: 'output-blocked',
    spoil() {
      fs.rmSync(at('dist/codex'), { recursive: true });
      write({ 'dist/codex': 'Mine.' });
    },
    stays: 'dist/codex',
  },
  'a link that leads out, in place of a folder': {
    code: 'output-outside',
    spoil() {
      fs.rmSync(at('dist/codex'), { recursive: true });
      fs.mkdirSync(at('elsewhere'));
      fs.symlinkSync(at('elsewhere'), at('dist/codex'));
    },
    stays: 'dist/codex',
  },
  'a link in place of a file': {
    code: 'output-outside',
    spoil() {
      write({ 'mine.md': 'Mine.' });
      fs.rmSync(at(CLAUDE, 'z.md'));
      fs.symlinkSync(at('mine.md'), at(CLAUDE, 'z.md'));
    },
    stays: 'mine.md',
  },
  'a link that leads nowhere, in place of a file': {
    code: 'output-outside',
    spoil() {
      fs.rmSync(at(CLAUDE, 'z.md'));
      fs.symlinkSync(at('nowhere.md'), at(CLAUDE, 'z.md'));
    },
    stays: `${CLAUDE}/z.md`,
  },
  'a part of a shared file that was edited': {
    code: 'output-edited',
    args: ['--to', 'claude-code,codex,agents-md'],
    spoil: () =>
      fs.writeFileSync(
        at('dist/agents-md/AGENTS.md'),
        fs.readFileSync(at('dist/agents-md/AGENTS.md'), 'utf8').replace('Does z', 'Does more'),
      ),
  },
  'a shared file that is no text': {
    code: 'output-blocked',
    args: ['--to', 'claude-code,codex,agents-md'],
    spoil: () => fs.writeFileSync(at('dist/agents-md/AGENTS.md'), Buffer.from([0xff, 0xfe, 0xfd])),
    stays: 'dist/agents-md/AGENTS.md',
  },
  'a shared file that is broken': {
    code: 'output-blocked',
    args: ['--to', 'claude-code,codex,roo-code'],
    spoil: () => fs.writeFileSync(at('dist/roo-code/.roomodes'), 'customModes: [\n'),
    stays: 'dist/roo-code/.roomodes',
  },
};

describe.each(Object.entries(CASES))('%s', (_title, { code, args = ['--to', 'claude-code,codex'], first, spoil, stays, out = CLAUDE }) => {
  it('is known before the first write, and stays; everything else is written', async () => {
    first?.();
    expect(await build(args)).toMatchObject({ code: 0, text: '' });
    write({ 'agents/a.md': agent('a', 'tools: Read\n'), 'agents/m.md': agent('m', 'tools: Read\n'), 'agents/n.md': agent('n') });
    spoil();
    const before = stays === undefined ? '' : snapshot(stays);
    const ran = await build(args);
    expect(ran.text).toContain(`error[${code}]`);
    expect(ran.code).toBe(1);
    if (stays !== undefined) expect(snapshot(stays)).toBe(before);

    const firstChange = ran.events.findIndex(isChange);
    expect(firstChange).toBeGreaterThan(0);
    expect(ran.events.slice(0, firstChange)).toContain(`found ${code}`);
    // Nothing is found out later on but what stays because of it.
    const early = new Set(ran.events.slice(0, firstChange));
    expect(ran.events.slice(firstChange).filter((event) => /^found output-(?!left)/.test(event) && !early.has(event))).toEqual([]);

    for (const name of ['a', 'm']) expect(fs.readFileSync(at(out, `${name}.md`), 'utf8')).toContain('tools: Read');
    expect(fs.readFileSync(at(out, 'n.md'), 'utf8')).toBe(agent('n'));
    const again = await build(args);
    expect([again.code, again.text]).toEqual([1, ran.text]);
    expect(again.events.filter(isChange)).toEqual([]);
  });
});

it('what is edited while a build goes on stays', async () => {
  const args = ['--to', 'claude-code'];
  expect((await build(args)).code).toBe(0);
  write({ 'agents/a.md': agent('a', 'tools: Read\n'), 'agents/m.md': agent('m', 'tools: Read\n'), 'agents/n.md': agent('n') });
  fs.rmSync(at('agents/z.md'));
  let isOver = false;
  patchDisk(({ file, make }) => {
    const result = make();
    if (!isOver && file.includes('a.md')) {
      isOver = true;
      for (const name of ['m', 'z']) fs.writeFileSync(at(CLAUDE, `${name}.md`), 'By hand.');
      fs.writeFileSync(at(CLAUDE, 'n.md'), 'By hand.');
    }
    return result;
  });
  const { code, text } = await runMain(folder, 'build', '-q', ...args);
  restoreDisk();
  expect(isOver).toBe(true);
  expect(code).toBe(1);
  for (const name of ['m', 'n', 'z']) {
    expect(fs.readFileSync(at(CLAUDE, `${name}.md`), 'utf8')).toBe('By hand.');
    expect(text).toContain(`${CLAUDE}/${name}.md`);
  }
  expect(fs.readFileSync(at(CLAUDE, 'a.md'), 'utf8')).toContain('tools: Read');
  expect((await build(args)).text.match(/^error/gm)).toHaveLength(3);
});
