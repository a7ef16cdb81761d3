/** Prints what the clients loaded as a table, and with `-u` writes it into docs/conformance.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Reporter, TestModule, Vitest } from 'vitest/node';
import type { Row } from './suite.js';

const DOC = new URL('../../docs/conformance.md', import.meta.url);
const BEGIN = '<!-- table:begin -->\n';
const END = '<!-- table:end -->\n';
const HEAD = '| target | program | agents handed over | loaded | values compared | differences | facts checked |';

export default class Table implements Reporter {
  private writes = false;

  onInit(vitest: Vitest): void {
    this.writes = vitest.config.snapshotOptions.updateSnapshot === 'all';
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const lines = new Map(modules.flatMap(rowsOf));
    if (lines.size === 0) return;
    console.log(`\n${[HEAD, ruler(HEAD), ...lines.values()].join('\n')}\n`);
    if (this.writes) write(lines);
  }
}

/** The lines of one client by what it is called, from what its tests have noted down. */
function rowsOf(module: TestModule): [string, string][] {
  const tests = [...module.children.allTests()];
  const row = tests.map((test) => test.meta().row).find((found) => found !== undefined);
  const facts = tests.map((test) => test.meta().facts).find((found) => found !== undefined) ?? 0;
  if (row) return [[nameOf(row), lineOf(row, facts)]];
  const name = /(\S+)\.client\.ts$/.exec(module.moduleId)?.[1]?.split('/').at(-1) ?? module.moduleId;
  const failed = tests.some((test) => test.result().state === 'failed');
  return [[name, `| ${name} | ${failed ? 'failed' : 'not run: not installed'} | | | | | |`]];
}

/** A target may have several programs. */
const nameOf = ({ target, program }: Row): string => `${target} ${program.split(' ')[0]}`;

function lineOf({ target, program, version, handed, loaded, compared, differences }: Row, facts: number): string {
  return `| ${[target, `${program} ${version}`, handed, loaded, compared, differences, facts].join(' | ')} |`;
}

const ruler = (head: string): string => head.replaceAll(/[^|]+/g, ' --- ');

/** Puts lines into the page; those of clients that were not run stay. */
function write(lines: ReadonlyMap<string, string>): void {
  const page = readFileSync(DOC, 'utf8');
  const [before = '', rest = ''] = page.split(BEGIN);
  const [table = '', after = ''] = rest.split(END);
  const all = new Map(
    table
      .split('\n')
      .filter((line) => line.startsWith('|') && line !== HEAD && line !== ruler(HEAD))
      .map((line) => [line.split('|').slice(1, 3).join(' ').trim().split(/\s+/).slice(0, 2).join(' '), line]),
  );
  for (const [name, line] of lines) if (!line.includes('not run')) all.set(name, line);
  const sorted = [...all].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line);
  writeFileSync(DOC, `${before}${BEGIN}${[HEAD, ruler(HEAD), ...sorted].join('\n')}\n${END}${after}`);
}
