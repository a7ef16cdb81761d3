/**
 * Watching, in this process: what is built for what happens on the disk. Nothing here is timed. That something causes no build
 * is shown by a change behind it: events come in order, so when that one is built the other was not.
 */
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSession, type Session } from '../src/project/session.js';
import type { BuildOptions } from '../src/project/settings.js';
import type { BuildResult } from '../src/project/update.js';
import { UsageError } from '../src/project/usage-error.js';
import { type Parts, type Update, type Watch, watchProject } from '../src/project/watch/watch.js';
import { type Files, writeFiles } from './project-files.js';

const SCRATCH = fs.realpathSync(fs.mkdtempSync(path.join(tmpdir(), 'polyagent-watch-')));
const PATIENCE_MS = 25_000;

let folder = '';
let made = 0;
let open: Running[] = [];

beforeEach(() => {
  folder = path.join(SCRATCH, String(made++));
  fs.mkdirSync(folder);
});
afterEach(async () => {
  for (const running of open) await running.close();
  open = [];
});
afterAll(() => fs.rmSync(SCRATCH, { recursive: true, force: true }));

const at = (...parts: string[]): string => path.join(folder, ...parts);
const read = (...parts: string[]): string => fs.readFileSync(at(...parts), 'utf8');
const agent = (name: string, body = 'Body.', more = ''): string => `---\nname: ${name}\ndescription: Does ${name}.\n${more}---\n${body}\n`;

const template = (mark: string): string => `---\n{{#each header}}\n{{this}}\n{{/each}}\n---\n<!-- ${mark} -->\n{{body}}`;

const write = (files: Files): void => writeFiles(folder, files);

/** What is written when a file is saved by a rename: `temporary` is the name that the new text has first. */
function saveByRename(file: string, content: string, temporary: string): void {
  fs.writeFileSync(at(temporary), content);
  fs.renameSync(at(temporary), at(file));
}

interface Running {
  readonly watch: Watch;
  /** All builds so far. */
  readonly updates: readonly Update[];
  /** What the session was told each time, relative to the folder; `*` for anything. */
  readonly told: readonly string[];
  readonly broken: readonly UsageError[];
  /** Waits until something holds; it is asked after each build. */
  until(holds: () => boolean): Promise<void>;
  /** Waits until a path is named by a build that comes from now on. */
  built(name: string): Promise<Update>;
  /** Waits until all that happened so far is built, by a change of a file that nothing else changes. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

async function start(options: Partial<BuildOptions> = { to: ['claude-code'] }, parts: Partial<Parts> = {}): Promise<Running> {
  const updates: Update[] = [];
  const told: string[] = [];
  const broken: UsageError[] = [];
  const listeners = new Set<() => void>();
  const counting = async (given: BuildOptions): Promise<Session> => {
    const session = await (parts.open ?? openSession)(given);
    return {
      ...session,
      update(changed) {
        told.push(changed === undefined ? '*' : [...changed].map((file) => path.relative(folder, file)).join());
        return session.update(changed);
      },
    };
  };
  const notify = (): void => {
    for (const listener of listeners) listener();
  };
  const watch = await watchProject(
    { cwd: folder, ...options },
    {
      updated: (update) => {
        updates.push(update);
        notify();
      },
      configBroken: (error) => {
        broken.push(error);
        notify();
      },
      unseen: (error) => {
        throw error;
      },
    },
    { ...parts, open: counting },
  );
  const until = (holds: () => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not within ${PATIENCE_MS} ms; told: ${told.join(' | ')}`)), PATIENCE_MS);
      const listener = (): void => {
        if (!holds()) return;
        clearTimeout(timer);
        listeners.delete(listener);
        resolve();
      };
      listeners.add(listener);
      listener();
    });
  const built = async (name: string): Promise<Update> => {
    const from = updates.length;
    const find = (): Update | undefined => updates.slice(from).find(({ changed }) => changed.includes(at(name)));
    await until(() => find() !== undefined);
    return find() as Update;
  };
  let marks = 0;
  const settled = async (): Promise<void> => {
    fs.writeFileSync(at('agents/mark.md'), agent('mark', `Mark ${++marks}.`));
    await until(() => text('mark').includes(`Mark ${marks}.`));
  };
  const running: Running = {
    watch,
    updates,
    told,
    broken,
    until,
    built,
    settled,
    async close() {
      watch.close();
      await watch.ended.catch(() => undefined);
    },
  };
  open.push(running);
  await until(() => updates.length > 0);
  return running;
}

/** The output of an agent, empty when there is none. */
function text(name: string, out = 'dist/claude-code/.claude/agents'): string {
  const file = at(out, `${name}.md`);
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
}

const resultOf = ({ outcome }: Update): BuildResult => {
  if (outcome instanceof UsageError) throw outcome;
  return outcome;
};

describe('a file', () => {
  it('that is written is built, and nothing else is told', async () => {
    write({ 'agents/a.md': agent('a'), 'agents/b.md': agent('b') });
    const { built, told, updates } = await start();
    fs.writeFileSync(at('agents/a.md'), agent('a', 'Changed.'));
    const update = await built('agents/a.md');
    expect(text('a')).toContain('Changed.');
    expect(update).toMatchObject({ first: false, reloaded: false, changed: [at('agents/a.md')] });
    expect(resultOf(update).files.filter(({ action }) => action !== 'unchanged')).toHaveLength(1);
    expect(told).toEqual(['*', 'agents/a.md']);
    expect(updates[0]).toMatchObject({ first: true, changed: [] });
  });

  it.each([
    ['vim', 'agents/4913', 'agents/a.md~'],
    ['JetBrains', 'agents/a.md___jb_tmp___', 'agents/a.md___jb_old___'],
    ['gedit', 'agents/.goutputstream-A1B2C3', 'agents/a.md~'],
    ['sed -i', 'agents/sedXyz12A', 'agents/.a.md.swp'],
  ])('that is saved by a rename as %s does is built, and each save after it', async (_, temporary, beside) => {
    write({ 'agents/a.md': agent('a') });
    const { until, told } = await start();
    for (const words of ['One.', 'Two.', 'Three.']) {
      fs.writeFileSync(at(beside), 'old');
      saveByRename('agents/a.md', agent('a', words), temporary);
      fs.rmSync(at(beside));
      await until(() => text('a').includes(words));
    }
    // In two goes at times, and under no other name.
    expect(new Set(told)).toEqual(new Set(['*', 'agents/a.md']));
  });

  it('that editors make beside sources causes no build', async () => {
    write({ 'agents/a.md': agent('a') });
    const { settled, told } = await start();
    for (const name of ['.a.md.swp', '.a.md.swx', '4913', 'a.md~', '#a.md#', 'a.md___jb_tmp___', '.DS_Store', 'x.tmp']) {
      fs.writeFileSync(at('agents', name), 'x');
      fs.rmSync(at('agents', name));
    }
    fs.symlinkSync('nobody@nowhere.1:2', at('agents/.#a.md'));
    await settled();
    expect(told).toEqual(['*', 'agents/mark.md']);
  });

  it('that is deleted takes its output along, and comes back with it', async () => {
    write({ 'agents/a.md': agent('a'), 'agents/b.md': agent('b') });
    const { until } = await start();
    for (const words of ['One.', 'Two.']) {
      fs.rmSync(at('agents/a.md'));
      await until(() => text('a') === '');
      fs.writeFileSync(at('agents/a.md'), agent('a', words));
      await until(() => text('a').includes(words));
    }
  });

  it('that is written twice ends as the second text', async () => {
    write({ 'agents/a.md': agent('a') });
    const { until } = await start();
    for (let n = 0; n < 5; n++) {
      fs.writeFileSync(at('agents/a.md'), agent('a', 'Half'));
      await new Promise((resolve) => setTimeout(resolve, n * 8));
      fs.writeFileSync(at('agents/a.md'), agent('a', `Whole ${n}.`));
      await until(() => text('a').includes(`Whole ${n}.`));
    }
  });

  it('of which there are a thousand at once is built with few others, and none is lost', async () => {
    write({ 'agents/a.md': agent('a') });
    const { until, told } = await start();
    for (let n = 0; n < 1000; n++) write({ [`agents/f${n % 20}/many-${n}.md`]: agent(`many-${n}`) });
    const missing = (): number => Array.from({ length: 1000 }, (_, n) => n).filter((n) => text(`many-${n}`) === '').length;
    await until(() => missing() === 0);
    expect(told.length).toBeLessThanOrEqual(4);
  });
});

describe('a folder', () => {
  it('may be made with all that is in it, changed, moved out and in again', async () => {
    write({ 'agents/a.md': agent('a') });
    const { until, built } = await start();
    write({ 'agents/x/y/z/deep.md': agent('deep', 'One.') });
    await until(() => text('deep').includes('One.'));
    write({ 'agents/x/y/z/deep.md': agent('deep', 'Two.') });
    await until(() => text('deep').includes('Two.'));
    const gone = built('agents/x');
    fs.renameSync(at('agents/x'), at('away'));
    await until(() => text('deep') === '');
    expect((await gone).changed).toEqual([at('agents/x')]);
    fs.renameSync(at('away'), at('agents/back'));
    await until(() => text('deep').includes('Two.'));
    write({ 'agents/back/y/z/deep.md': agent('deep', 'Three.') });
    await until(() => text('deep').includes('Three.'));
  });

  it('that comes empty is followed all the same, without a build', async () => {
    write({ 'agents/a.md': agent('a') });
    const { until, settled, told } = await start();
    fs.mkdirSync(at('agents/new/inner'), { recursive: true });
    await settled();
    expect(told).toEqual(['*', 'agents/mark.md']);
    write({ 'agents/new/inner/late.md': agent('late') });
    await until(() => text('late') !== '');
  });

  it.each(['agents/x', 'agents'])('%s may be removed and made again at once', async (name) => {
    write({ 'agents/x/y/a.md': agent('a') });
    const { until } = await start();
    for (const words of ['One.', 'Two.']) {
      fs.rmSync(at(name), { recursive: true });
      write({ 'agents/x/y/a.md': agent('a', words) });
      await until(() => text('a').includes(words));
      fs.writeFileSync(at('agents/x/y/a.md'), agent('a', `${words} And more.`));
      await until(() => text('a').includes('And more.'));
    }
  });

  it('may be swapped for another one by renaming', async () => {
    write({ 'agents/x/a.md': agent('a', 'Old.'), 'other/x/a.md': agent('a', 'New.') });
    const { until } = await start();
    fs.renameSync(at('agents'), at('old'));
    fs.renameSync(at('other'), at('agents'));
    await until(() => text('a').includes('New.'));
    fs.writeFileSync(at('agents/x/a.md'), agent('a', 'Newer.'));
    await until(() => text('a').includes('Newer.'));
    fs.writeFileSync(at('old/x/a.md'), agent('a', 'Oldest.'));
    fs.writeFileSync(at('agents/x/a.md'), agent('a', 'Newest.'));
    await until(() => text('a').includes('Newest.'));
  });

  it('above the sources may be swapped too', async () => {
    write({ 'pack/src/agents/a.md': agent('a', 'Old.'), 'other/src/agents/a.md': agent('a', 'New.') });
    const { until } = await start({ sources: ['pack/src/agents'], to: ['claude-code'] });
    fs.renameSync(at('pack'), at('old'));
    fs.renameSync(at('other'), at('pack'));
    await until(() => text('a').includes('New.'));
    write({ 'pack/src/agents/a.md': agent('a', 'Newer.') });
    await until(() => text('a').includes('Newer.'));
  });

  it('of agents may be gone, and come back', async () => {
    write({ 'agents/a.md': agent('a') });
    const { until, updates } = await start();
    fs.rmSync(at('agents'), { recursive: true });
    await until(() => updates.at(-1)?.outcome instanceof UsageError);
    write({ 'agents/b.md': agent('b') });
    await until(() => text('b') !== '' && text('a') === '');
  });

  it('of agents may be moved away with the outputs that lie in it', async () => {
    write({ 'agents/a.md': agent('a') });
    const { until, updates } = await start({ to: ['claude-code'], out: 'agents/dist' });
    fs.renameSync(at('agents'), at('away'));
    await until(() => updates.at(-1)?.outcome instanceof UsageError);
    expect(updates.at(-1)?.outcome).toMatchObject({ message: 'There is no file or folder agents' });
    expect(fs.existsSync(at('agents'))).toBe(false);
    fs.renameSync(at('away'), at('agents'));
    await until(() => !(updates.at(-1)?.outcome instanceof UsageError));
  });

  it('of agents may be missing from the start', async () => {
    const { until, updates } = await start();
    expect(updates[0]?.outcome).toBeInstanceOf(UsageError);
    write({ 'agents/a.md': agent('a') });
    await until(() => text('a') !== '');
    write({ 'agents/a.md': agent('a', 'Changed.') });
    await until(() => text('a').includes('Changed.'));
  });

  it.each([['agents/fragments'], ['fragments']])('%s may come later', async (name) => {
    write({ 'agents/a.md': agent('a', 'Body.', 'fragments: [safety]\n') });
    const { until } = await start();
    write({ [`${name}/safety.md`]: '## Safety\n\n- Be careful\n' });
    await until(() => text('a').includes('Be careful'));
    write({ [`${name}/safety.md`]: '## Safety\n\n- Be bold\n' });
    await until(() => text('a').includes('Be bold'));
  });

  it('of templates may come later, and go', async () => {
    write({ 'agents/a.md': agent('a') });
    const { until } = await start();
    write({ 'templates/claude-code.hbs': template('OURS') });
    await until(() => text('a').includes('OURS'));
    write({ 'templates/claude-code.hbs': template('MINE') });
    await until(() => text('a').includes('MINE'));
    fs.rmSync(at('templates'), { recursive: true });
    await until(() => !text('a').includes('MINE'));
  });

  it('above the sources counts for its bases, and for nothing else', async () => {
    write({ 'agents/a.md': agent('a', 'Body.', 'extends: house\n'), 'README.md': 'x' });
    const { until, settled, told } = await start();
    write({ '_house.md': '---\nname: house\n---\n## House rules\n\n- Knock\n' });
    await until(() => text('a').includes('Knock'));
    const before = told.length;
    write({ 'README.md': 'y', 'notes.md': 'z', 'src/index.js': '' });
    await settled();
    expect(told.slice(before)).toEqual(['agents/mark.md']);
  });
});

describe('a link', () => {
  it('to a file is followed: its target is edited, replaced and exchanged', async () => {
    write({ 'library/one.md': agent('a', 'One.'), 'library/two.md': agent('a', 'Two.'), 'agents/b.md': agent('b') });
    fs.symlinkSync('../library/one.md', at('agents/a.md'));
    const { until } = await start();
    write({ 'library/one.md': agent('a', 'Edited.') });
    await until(() => text('a').includes('Edited.'));
    saveByRename('library/one.md', agent('a', 'Replaced.'), 'library/one.md.new');
    await until(() => text('a').includes('Replaced.'));
    write({ 'library/one.md': agent('a', 'Edited again.') });
    await until(() => text('a').includes('Edited again.'));
    fs.rmSync(at('agents/a.md'));
    fs.symlinkSync('../library/two.md', at('agents/a.md'));
    await until(() => text('a').includes('Two.'));
    write({ 'library/two.md': agent('a', 'Two, edited.') });
    await until(() => text('a').includes('Two, edited.'));
  });

  it('to a link counts with each link on the way', async () => {
    write({ 'library/one.md': agent('a', 'One.'), 'library/two.md': agent('a', 'Two.') });
    fs.mkdirSync(at('agents'));
    fs.mkdirSync(at('middle'));
    fs.symlinkSync('../library/one.md', at('middle/a.md'));
    fs.symlinkSync('../middle/a.md', at('agents/a.md'));
    const { until } = await start();
    fs.symlinkSync('../library/two.md', at('middle/next'));
    fs.renameSync(at('middle/next'), at('middle/a.md'));
    await until(() => text('a').includes('Two.'));
    write({ 'library/two.md': agent('a', 'Two, edited.') });
    await until(() => text('a').includes('Two, edited.'));
  });

  it('to a folder is followed, also when it leads elsewhere', async () => {
    write({ 'v1/a.md': agent('a', 'One.'), 'v2/a.md': agent('a', 'Two.'), 'agents/b.md': agent('b') });
    fs.symlinkSync('../v1', at('agents/current'));
    const { until } = await start();
    write({ 'v1/a.md': agent('a', 'Edited.'), 'v1/more.md': agent('more') });
    await until(() => text('a').includes('Edited.') && text('more') !== '');
    fs.symlinkSync('../v2', at('agents/next'));
    fs.renameSync(at('agents/next'), at('agents/current'));
    await until(() => text('a').includes('Two.'));
    write({ 'v2/a.md': agent('a', 'Two, edited.') });
    await until(() => text('a').includes('Two, edited.'));
  });

  it('that leads in a circle harms nobody', async () => {
    write({ 'agents/x/a.md': agent('a') });
    fs.symlinkSync('..', at('agents/x/up'));
    fs.symlinkSync('self', at('agents/self'));
    const { built } = await start();
    write({ 'agents/x/a.md': agent('a', 'Changed.') });
    await built('agents/x/a.md');
  });
});

describe('outputs', () => {
  it.each([
    ['in a folder inside of the sources', { to: ['claude-code'], out: 'agents/dist' }, 'agents/dist/claude-code/.claude/agents'],
    ['beside the sources', { to: ['claude-code'], out: 'agents' }, 'agents/claude-code/.claude/agents'],
  ])('%s cause no build', async (_, options, out) => {
    write({ 'agents/a.md': agent('a') });
    const { until, told } = await start(options);
    for (const words of ['One.', 'Two.', 'Three.']) {
      write({ 'agents/a.md': agent('a', words) });
      await until(() => text('a', out).includes(words));
    }
    write({ 'agents/b.md': agent('b') });
    await until(() => text('b', out) !== '');
    fs.rmSync(at('agents/b.md'));
    await until(() => text('b', out) === '');
    write({ 'agents/a.md': agent('a', 'Last.') });
    await until(() => text('a', out).includes('Last.'));
    const [a, b] = ['agents/a.md', 'agents/b.md'];
    expect(told).toEqual(['*', a, a, a, b, b, a]);
  });

  it('in place cause no build', async () => {
    write({
      'agents/a.md': agent('a'),
      'build.config.ts': `export default { agents: '**/*.md', targets: [{ name: 'gemini-cli', outDir: '.' }, { name: 'agents-md', outDir: '.' }] };`,
    });
    const { until, told } = await start({});
    const out = '.gemini/agents';
    for (const words of ['One.', 'Two.']) {
      write({ 'agents/a.md': agent('a', words) });
      await until(() => text('a', out).includes(words));
    }
    expect(fs.existsSync(at('AGENTS.md'))).toBe(true);
    expect(told).toEqual(['*', 'agents/a.md', 'agents/a.md']);
  });

  it('that are edited by hand are no business of the watch, until a build would write them', async () => {
    write({ 'agents/a.md': agent('a'), 'agents/b.md': agent('b') });
    const { built, told } = await start({ to: ['claude-code'], out: 'agents' });
    const out = 'agents/claude-code/.claude/agents';
    fs.writeFileSync(at(out, 'a.md'), 'mine');
    write({ 'agents/b.md': agent('b', 'Changed.') });
    await built('agents/b.md');
    expect(told).toEqual(['*', 'agents/b.md']);
    write({ 'agents/a.md': agent('a', 'Changed.') });
    const update = await built('agents/a.md');
    expect(resultOf(update).diagnostics.map(({ code }) => code)).toContain('output-edited');
    expect(read(out, 'a.md')).toBe('mine');
  });
});

describe('the config', () => {
  it('is read again when it changes; a broken one is told, and the old one counts on', async () => {
    write({ 'agents/a.md': agent('a'), 'build.config.ts': `export default { outDir: 'one' };` });
    const { until, broken, updates, told } = await start();
    expect(text('a', 'one/claude-code/.claude/agents')).not.toBe('');
    write({ 'build.config.ts': 'export default {' });
    await until(() => broken.length === 1);
    expect(told).toEqual(['*']);
    write({ 'agents/a.md': agent('a', 'Changed.') });
    await until(() => text('a', 'one/claude-code/.claude/agents').includes('Changed.'));
    write({ 'build.config.ts': `export default { outDir: 'two', agents: 'sources' };`, 'sources/s.md': agent('s') });
    await until(() => text('s', 'two/claude-code/.claude/agents') !== '');
    expect(updates.some(({ reloaded }) => reloaded)).toBe(true);
    write({ 'sources/s.md': agent('s', 'Followed.') });
    await until(() => text('s', 'two/claude-code/.claude/agents').includes('Followed.'));
    const before = told.length;
    write({ 'agents/a.md': agent('a', 'Left.') });
    write({ 'sources/s.md': agent('s', 'Still.') });
    await until(() => text('s', 'two/claude-code/.claude/agents').includes('Still.'));
    expect(told.slice(before)).toEqual(['sources/s.md']);
  });

  it('may come; one that goes is told, and counts on', async () => {
    write({ 'agents/a.md': agent('a') });
    const { until, broken } = await start();
    const out = 'one/claude-code/.claude/agents';
    write({ 'build.config.mjs': `export default { outDir: 'one' };` });
    await until(() => text('a', out) !== '');
    fs.rmSync(at('build.config.mjs'));
    await until(() => broken.length === 1);
    expect(broken[0]?.message).toBe('build.config.mjs is gone');
    write({ 'agents/a.md': agent('a', 'Changed.') });
    await until(() => text('a', out).includes('Changed.'));
    expect(text('a')).not.toContain('Changed.');
    write({ 'build.config.ts': `export default { outDir: 'two' };` });
    await until(() => text('a', 'two/claude-code/.claude/agents') !== '');
  });

  it('counts with what it imports, also where that is what is broken', async () => {
    const config = (file: string): string => `import { out } from './${file}';\nexport default { outDir: out };`;
    write({ 'agents/a.md': agent('a'), 'config/out.ts': `export const out = 'one';`, 'build.config.ts': config('config/out.js') });
    const { until, broken } = await start();
    write({ 'config/out.ts': `export const out = 'two';` });
    await until(() => text('a', 'two/claude-code/.claude/agents') !== '');
    for (const [nth, wrong] of [
      'export const out = ;',
      'export const out = 5;',
      `throw new Error('no');\nexport const out = 'x';`,
    ].entries()) {
      write({ [`other${nth}/out.ts`]: wrong, 'build.config.ts': config(`other${nth}/out.js`) });
      await until(() => broken.length > nth);
      write({ [`other${nth}/out.ts`]: `export const out = 'mended${nth}';` });
      await until(() => text('a', `mended${nth}/claude-code/.claude/agents`) !== '');
    }
  });

  it('that is wrong from the start is refused', async () => {
    write({ 'agents/a.md': agent('a'), 'build.config.ts': 'export default { target: [] };' });
    await expect(start()).rejects.toThrow(UsageError);
  });
});

describe('packages', () => {
  it('end the watch when they are installed: only a new process sees them', async () => {
    write({ 'agents/a.md': agent('a') });
    const { watch } = await start();
    write({ 'node_modules/.package-lock.json': '{}' });
    expect(await watch.ended).toBe('packages');
  });

  it('are followed: a fragment of one that is linked is edited', async () => {
    write({
      'agents/a.md': agent('a', 'Body.', `fragments: ['@acme/parts/safety']\n`),
      'parts/package.json': '{ "name": "@acme/parts" }',
      'parts/safety.md': '## Safety\n\n- One\n',
    });
    fs.mkdirSync(at('node_modules/@acme'), { recursive: true });
    fs.symlinkSync('../../parts', at('node_modules/@acme/parts'));
    const { until } = await start();
    expect(text('a')).toContain('- One');
    write({ 'parts/safety.md': '## Safety\n\n- Two\n' });
    await until(() => text('a').includes('- Two'));
  });
});

describe('the system', () => {
  const failing = (code: string): NonNullable<Parts['watch']> =>
    (() => {
      throw Object.assign(new Error(`${code}: watch`), { code, syscall: 'watch' });
    }) as NonNullable<Parts['watch']>;

  it.each([
    ['ENOSPC', 'max_user_watches'],
    ['EMFILE', 'ulimit -n'],
  ])('that gives no watches (%s) is told of, with what to do', async (code, help) => {
    write({ 'agents/a.md': agent('a') });
    const started = start(undefined, { watch: failing(code) });
    await expect(started).rejects.toMatchObject({ message: expect.stringContaining(code), help: expect.stringContaining(help) });
  });
});

describe('a build', () => {
  /** A session whose builds a test plays. */
  const played = (update: (nth: number) => Promise<void>) => {
    let nth = 0;
    return async (options: BuildOptions): Promise<Session> => {
      const session = await openSession(options);
      return {
        ...session,
        async update(changed) {
          const result = await session.update(changed);
          await update(nth++);
          return result;
        },
      };
    };
  };

  it('runs alone: what changes meanwhile goes into the next one', async () => {
    write({ 'agents/a.md': agent('a'), 'agents/b.md': agent('b'), 'agents/c.md': agent('c') });
    let running = 0;
    let most = 0;
    const open = played(async (nth) => {
      most = Math.max(most, ++running);
      if (nth === 1) {
        write({ 'agents/b.md': agent('b', 'Two.'), 'agents/c.md': agent('c', 'Two.') });
        // Long enough for their events to come, and for a build that does not wait.
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      running--;
    });
    const { until, told } = await start(undefined, { open });
    write({ 'agents/a.md': agent('a', 'Two.') });
    await until(() => text('c').includes('Two.'));
    expect(most).toBe(1);
    expect(told).toEqual(['*', 'agents/a.md', 'agents/b.md,agents/c.md']);
  });

  it('is tried again when a file goes in the middle of it', async () => {
    write({ 'agents/a.md': agent('a') });
    const open = played(async (nth) => {
      if (nth === 1) fs.readFileSync(at('gone'));
    });
    const { built, told } = await start(undefined, { open });
    write({ 'agents/a.md': agent('a', 'Two.') });
    resultOf(await built('agents/a.md'));
    expect(told).toEqual(['*', 'agents/a.md', '*']);
  });

  it('that fails for a bug of ours ends the watch', async () => {
    write({ 'agents/a.md': agent('a') });
    const open = played(async (nth) => {
      if (nth === 1) throw new TypeError('a bug');
    });
    const { watch } = await start(undefined, { open });
    write({ 'agents/a.md': agent('a', 'Two.') });
    await expect(watch.ended).rejects.toThrow('a bug');
  });
});
