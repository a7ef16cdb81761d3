/** What a figure depends on, said beside the figures. */
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';

/**
 * @param {string} fileSystem
 * @param {readonly string[]} peers with versions
 */
export function describeRun(fileSystem, peers) {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const [cpu] = cpus();
  const machine = `${cpu?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()} ${release().split('-')[0]}, ${fileSystem}`;
  const programs = [`polyagent ${version}`, `Node ${process.versions.node}`, ...peers].join(', ');
  return `${new Date().toISOString().slice(0, 10)}. ${machine}. ${programs}.`;
}
