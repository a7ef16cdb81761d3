import { expect, it, vi } from 'vitest';
import { main } from '../src/cli/main.js';

const enableCompileCache = vi.hoisted(() => vi.fn());
vi.mock(import('node:module'), async (original) => {
  const real = await original();
  return { ...real, default: Object.assign(Object.create(real.default), { enableCompileCache }) };
});

const run = async (...args: string[]): Promise<number> => {
  const nowhere = { write: () => true };
  enableCompileCache.mockClear();
  await main(args, { cwd: import.meta.dirname, stdout: nowhere, stderr: nowhere, env: {} });
  return enableCompileCache.mock.calls.length;
};

it('has Node keep its code for commands, where it can', async () => {
  expect(await run('targets')).toBe(1);
});

it.each([[['--version']], [['--help']], [['build', '--help']], [['build', '--no-cache', 'none']]])('but not for %j', async (args) => {
  expect(await run(...args)).toBe(0);
});
