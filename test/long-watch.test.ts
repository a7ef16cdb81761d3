/** A session that goes on for long keeps no more than one that has just begun. Counted, not measured. */
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { openSession } from '../src/project/session.js';

/** The paths of the texts that each report was told of, a list for each, and how many it has of them. */
const reports = vi.hoisted((): { readonly told: string[]; readonly has: () => number }[] => []);

vi.mock(import('../src/diagnostics/report.js'), async (load) => {
  const module = await load();
  return {
    ...module,
    createReport(levels) {
      const report = module.createReport(levels);
      const told: string[] = [];
      reports.push({ told, has: () => [...new Set(told)].filter((file) => report.textOf(file) !== undefined).length });
      return Object.defineProperties(Object.create(report) as typeof report, {
        knows: {
          value(text: Parameters<typeof report.knows>[0]) {
            told.push(text.path);
            report.knows(text);
          },
        },
      });
    },
  };
});

const folder = fs.realpathSync(fs.mkdtempSync(path.join(tmpdir(), 'polyagent-long-')));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

function write(name: string, content: string): string {
  const file = path.join(folder, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, content);
  return file;
}

const agent = (name: string, turn: number): string =>
  write(`agents/${name}.md`, `---\nname: ${name}\ndescription: Turn ${turn}.\nextends: house\nfragments: [safety]\n---\nBody ${turn}.\n`);
const fragment = (turn: number): string => write('agents/fragments/safety.md', `## Safety\n\n- Knock ${turn} times.\n`);
const base = (turn: number): string => write('agents/_house.md', `---\nname: house\n---\n## House\n\nRule ${turn}.\n`);

const SHARED = ['agents/_house.md', 'agents/fragments/safety.md'];

it('keeps one text of each file that agents share, and none of an agent, however often they are edited', async () => {
  const names = ['aa', 'bb', 'cc'];
  for (const name of names) agent(name, 0);
  fragment(0);
  base(0);
  const session = await openSession({ cwd: folder, to: ['claude-code'], cache: false });
  await session.update();
  for (let turn = 1; turn <= 30; turn++) {
    const changed = [fragment(turn), base(turn), agent(names[turn % 3] ?? 'aa', turn)];
    for (const file of changed) expect((await session.update(new Set([file]))).recent).toBeDefined();
  }
  await session.close();
  const told = reports.flatMap((report) => report.told);
  expect(told.length).toBeGreaterThan(30);
  expect([...new Set(told)].sort()).toEqual(SHARED);
  expect(Math.max(...reports.map((report) => report.has()))).toBe(SHARED.length);
});
