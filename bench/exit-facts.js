/** For `node --import`: prints at the end, as one line of JSON, what the process used. */
import { readFileSync, writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  process.on('exit', () => {
    const libraries = process.report.getReport().sharedObjects.filter((file) => file.endsWith('.node'));
    writeSync(1, `\n${JSON.stringify({ peak: peak(), libraries })}\n`);
  });
}

/** The most memory that the process had at once, in MiB. */
function peak() {
  try {
    // `maxRSS` may be that of the parent: Linux carries it over from before `exec`.
    return Number(/^VmHWM:\s*(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;
  } catch {
    return process.resourceUsage().maxRSS / 1024;
  }
}
