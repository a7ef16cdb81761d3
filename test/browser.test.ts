import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { TARGETS } from '../src/targets/index.js';

const BUNDLE = fileURLToPath(new URL('../dist/browser.js', import.meta.url));

/** Runs the bundle in a context that has the names of the language and of every browser, and none of Node's. */
const SCRIPT = `
import { readFileSync } from 'node:fs';
import vm from 'node:vm';
const context = vm.createContext({ TextDecoder, TextEncoder, URL });
const module = new vm.SourceTextModule(readFileSync(process.argv[1], 'utf8'), { context });
await module.link((name) => { throw new Error('imports ' + name); });
await module.evaluate();
const { compile, TARGETS } = module.namespace;
const content = '---\\nname: agent\\ndescription: d\\nfragments: [f]\\n---\\n<!-- @only codex -->\\nx\\n<!-- @end -->\\nDo the work.\\n';
const fragments = [{ name: 'f', path: 'f.md', content: '## F\\n\\n- one\\n' }];
const { files, failed } = compile({ agents: [{ path: 'a.md', content }], fragments }, TARGETS);
console.log(JSON.stringify({ failed, targets: files.map((file) => file.target), codex: files.find((file) => file.target === 'codex').content }));
`;

test('the library compiles without Node', () => {
  expect(existsSync(BUNDLE), 'dist/browser.js is missing: run `npm run build`').toBe(true);
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--no-warnings', '--experimental-vm-modules', '--input-type=module', '-e', SCRIPT, BUNDLE],
    {
      encoding: 'utf8',
    },
  );
  expect(stderr).toBe('');
  const result = JSON.parse(stdout);
  expect(result.failed).toEqual([]);
  expect(result.targets).toEqual(TARGETS.map(({ name }) => name));
  expect(result.codex).toContain("developer_instructions = '''\nx\nDo the work.\n\n## F\n\n- one\n'''");
});
