/**
 * The bare file work of a build, and nothing else: what no build of the same files can be quicker than.
 *
 *   node floor.js write <list> <out>   read every source, write the bytes of every output to new files
 *   node floor.js stat <list>          ask for the size and times of every source and every output
 *
 * The list has a path a line: sources, an empty line, outputs; the first line is the folder that they are in. To write
 * is given the bytes beforehand: it prints the milliseconds and the work that it took to get them, to be taken off.
 */
import { closeSync, mkdirSync, openSync, readFileSync, readSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';

const [mode, list, out] = process.argv.slice(2);

if (mode === 'stat') {
  const lines = readFileSync(list, 'utf8').split('\n');
  process.chdir(lines[0]);
  for (let i = 1; i < lines.length; i++) if (lines[i] !== '') statSync(lines[i]);
} else {
  const unmeasured = { ms: 0, cpu: 0 };
  let stop = measure(unmeasured);
  const [[project, ...sources], outputs] = readFileSync(list, 'utf8')
    .split('\n\n')
    .map((part) => part.split('\n'));
  process.chdir(project);
  const sizes = outputs.map((file) => statSync(file).size);
  const targets = outputs.map((file) => path.join(out, file));
  const folders = new Set(targets.map((file) => path.dirname(file)));
  const source = Buffer.allocUnsafe(1 << 20);
  // In portions, so that the bytes of ten thousand agents need not be in memory at once.
  const portion = Buffer.allocUnsafe(sizes.reduce((most, size) => Math.max(most, size), 64 << 20));
  stop();

  for (const file of sources) readInto(file, source, 0);
  for (const folder of folders) mkdirSync(folder, { recursive: true });
  for (let next = 0; next < outputs.length; ) {
    const first = next;
    stop = measure(unmeasured);
    for (let end = 0; next < outputs.length && end + sizes[next] <= portion.length; next++) end += readInto(outputs[next], portion, end);
    stop();
    for (let i = first, start = 0; i < next; start += sizes[i], i++) {
      const file = openSync(targets[i], 'w');
      writeSync(file, portion, start, sizes[i]);
      closeSync(file);
    }
  }
  process.stdout.write(JSON.stringify(unmeasured));
}

/** Reads a whole file to a place in a buffer, and gives its size. */
function readInto(file, buffer, start) {
  const handle = openSync(file, 'r');
  const size = readSync(handle, buffer, start, buffer.length - start, null);
  closeSync(handle);
  return size;
}

/** Starts a clock, and gives what stops it and adds what it shows to a sum. */
function measure(sum) {
  const started = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    sum.ms += performance.now() - started;
    sum.cpu += (user + system) / 1000;
  };
}
