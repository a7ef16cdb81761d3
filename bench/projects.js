/** Folders full of agents, and what came out of them. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { agentText, fragmentText, sectionText } from './agents.js';

/** What agents of projects with fragments use: one adds a section to all of them, two add to a section that most have. */
export const FRAGMENTS = { licences: fragmentText('licences'), security: sectionText('Security'), testing: sectionText('Testing') };

/** The names of file systems by the number that `statfs` gives. https://man7.org/linux/man-pages/man2/statfs.2.html */
const FILE_SYSTEMS = {
  16914836: 'tmpfs',
  61267: 'ext4',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  2035054128: 'overlayfs',
  801189825: 'zfs',
  26: 'apfs',
};

/**
 * A new folder for everything that a run of the bench writes.
 * @param {{ disk: boolean, in?: string }} where
 */
export function makeScratch({ disk, in: below }) {
  const base = below ?? (disk || !existsSync('/dev/shm') ? tmpdir() : '/dev/shm');
  mkdirSync(base, { recursive: true });
  const folder = mkdtempSync(path.join(path.resolve(base), 'polyagent-bench-'));
  const { type } = statfsSync(folder);
  const fileSystem = FILE_SYSTEMS[type] ?? `file system 0x${type.toString(16)}`;
  const given = [];
  /**
   * Removes a folder for good from a memory file system. A disk keeps it until the end: some slow down for seconds after
   * thousands of files were deleted, and the next run would be blamed for it.
   */
  const drop = (old) => {
    if (fileSystem === 'tmpfs') rmSync(old, { recursive: true, force: true });
  };
  return {
    folder,
    fileSystem,
    /** The path of a new file or folder. */
    fresh(name) {
      given.push(path.join(folder, `${name}-${given.length}`));
      return given.at(-1);
    },
    drop,
    /** Drops all that was given out. */
    clear: () => given.forEach(drop),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/**
 * Writes a project of some agents, as somebody has it who installed polyagent with npm.
 * @param {string} folder
 * @param {number} count
 * @param {{ fragments?: Record<string, string>, using?: number, agentsIn?: string }} [options] fragments that the first `using`
 *   agents use, by name; the folder of the agents
 */
export function makeProject(folder, count, { fragments = {}, using = count, agentsIn = 'agents' } = {}) {
  const names = Object.keys(fragments);
  mkdirSync(path.join(folder, 'node_modules'), { recursive: true });
  mkdirSync(path.join(folder, agentsIn, ...(names.length > 0 ? ['fragments'] : [])), { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{ "name": "bench", "private": true }\n');
  for (const name of names) writeFileSync(fragmentFile(folder, name), fragments[name]);
  for (let n = 0; n < count; n++) writeFileSync(path.join(folder, agentsIn, `agent-${n}.md`), agentText(n, n < using ? names : []));
  return folder;
}

export const agentFile = (folder, n) => path.join(folder, 'agents', `agent-${n}.md`);
export const fragmentFile = (folder, name) => path.join(folder, 'agents/fragments', `${name}.md`);

/** The files that a build made, relative to the project; not what it keeps for itself. */
export const outputsOf = (project) => filesBelow(project, 'dist').filter((file) => !path.basename(file).startsWith('.polyagent'));

const sourcesOf = (project) => filesBelow(project, 'agents');

export function filesBelow(folder, below = '') {
  return readdirSync(path.join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(below, entry.name);
    return entry.isDirectory() ? filesBelow(folder, file) : [file];
  });
}

/** Writes for the floor what it shall read and write. */
export function writeList(file, project) {
  writeFileSync(file, [[project, ...sourcesOf(project)].join('\n'), outputsOf(project).join('\n')].join('\n\n'));
  return file;
}
