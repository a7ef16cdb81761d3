/** What a figure depends on, said beside the figures. */
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';

/** What others did on the machine when the bench began. */
const [LOAD] = loadavg();

/**
 * @param {string} fileSystem
 * @param {readonly string[]} peers with versions
 */
export function describeRun(fileSystem, peers) {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const [cpu] = cpus();
  const machine = `${cpu?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()} ${release().split('-')[0]}, ${fileSystem}, load ${LOAD.toFixed(1)} at the start`;
  const programs = [`polyagent ${version}`, `Node ${process.versions.node}`, ...peers].join(', ');
  return `${new Date().toISOString().slice(0, 10)}. ${machine}. ${programs}.`;
}
