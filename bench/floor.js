/**
 * The bare file work of a build, and nothing else.
 *
 *   node floor.js write <project> <out>   read every source, write as many bytes as the build wrote, to new files
 *   node floor.js read <project>          read every source and every output
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const [mode, project, out] = process.argv.slice(2);

const filesIn = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name));

const sources = filesIn(path.join(project, 'agents'));
const outputs = filesIn(path.join(project, 'dist'));
for (const file of sources) readFileSync(file);
if (mode === 'read') {
  for (const file of outputs) readFileSync(file);
} else {
  const filler = Buffer.alloc(1 << 20, 'x');
  const sizes = new Map(sources.map((file) => [path.basename(file, '.md'), readFileSync(file).length]));
  const made = new Set();
  for (const file of outputs) {
    const to = path.join(out, path.relative(project, file));
    if (!made.has(path.dirname(to))) mkdirSync(path.dirname(to), { recursive: true });
    made.add(path.dirname(to));
    writeFileSync(to, filler.subarray(0, sizes.get(path.basename(file).split('.')[0]) ?? 7000));
  }
}
