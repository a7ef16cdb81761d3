/** What programs that are tested keep for their next run goes into a folder of this run, and not into the user's. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export default function useScratchCache(): () => void {
  const folder = mkdtempSync(path.join(tmpdir(), 'polyagent-test-cache-'));
  process.env.CACHE_DIR = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
