/** Whether an agent compiles to the same as before, and if not, what would be different. */
import type { Compilation } from '../compile.js';
import type { Diagnostic } from '../diagnostics/report.js';
import type { OutputFile } from '../stages/emit/emit.js';

/** What would be different; `undefined` when every output is the same to the byte and nothing new is reported. */
export function differenceOf(before: Compilation, after: Compilation): string | undefined {
  if (before.files.length === 0) {
    const error = before.diagnostics.find(({ severity }) => severity === 'error');
    return error ? `it is not compiled: ${error.reason}` : 'it is compiled for no target';
  }
  const known = new Set(before.diagnostics.map(messageOf));
  const news = after.diagnostics.find((one) => !known.has(messageOf(one)));
  if (news) return `${news.reason} (${news.code})`;
  const outputs = new Map(after.files.map((file) => [keyOf(file), file]));
  for (const file of before.files) {
    const other = outputs.get(keyOf(file));
    if (!other) return `it would have no output for ${file.target}`;
    if (other.content !== file.content) return changeIn(file.content, other.content);
  }
  return besideTexts(before) === besideTexts(after) ? undefined : 'something beside its text would change';
}

/** A message without its place: lines move. */
const messageOf = ({ code, data }: Diagnostic): string => JSON.stringify([code, data]);

const keyOf = ({ variant, target, path, part }: OutputFile): string => [variant, target, path, part?.id].join('\n');

/** All else that a compilation says, where places do not count: lines move. */
function besideTexts({ files, companions, failed, fates, grants }: Compilation): string {
  return JSON.stringify([files.map(keyOf), companions.map(({ path, content }) => [path, content]), failed, fates, grants]);
}

function changeIn(before: string, after: string): string {
  const [was, is] = [before.split('\n'), after.split('\n')];
  const line = was.findIndex((text, index) => text !== is[index]);
  const [old, now] = [was[line], is[line]];
  if (old === undefined) return `its text would go on with ${quoted(is.slice(was.length).join(' '))}`;
  if (now === undefined) return `its text would end before ${quoted(old)}`;
  if (old.trim() === now.trim()) return `the white space around ${quoted(old)} would change`;
  if (now.trim() === '') return `a blank line would come before ${quoted(old)}`;
  if (old.trim() === '') return `a blank line before ${quoted(now)} would go`;
  return `${quoted(old)} would become ${quoted(now)}`;
}

function quoted(text: string): string {
  const plain = text.trim();
  return `“${plain.length > 50 ? `${plain.slice(0, 50).trimEnd()}…` : plain}”`;
}
