import { applyEdits, modify, type ParseError, parse, parseTree } from 'jsonc-parser';
import { type PartsFormat, STAYS } from './parts.js';

/** The keys of a JSON object. */
export const jsonKeys: PartsFormat = {
  read(file) {
    return new Map(Object.entries(objectIn(file)).map(([key, value]) => [key, JSON.stringify(value)]));
  },
  said: (content) => JSON.stringify(JSON.parse(content)),
  edit(file, parts) {
    const now = this.read(file);
    let result = file.trim() === '' ? '{}\n' : file;
    for (const [key, content] of parts) {
      if (content === STAYS || (content !== undefined && now.get(key) === this.said(content))) continue;
      if (content !== undefined && !now.has(key)) result = withKey(result, key, content);
      // Without formatting options nothing else of the file is touched.
      else result = applyEdits(result, modify(result, [key], content === undefined ? undefined : JSON.parse(content), {}));
    }
    return result;
  },
  isEmpty: (file) => Object.keys(objectIn(file)).length === 0,
};

function objectIn(file: string): { readonly [key: string]: unknown } {
  if (file.trim() === '') return {};
  const errors: ParseError[] = [];
  const value: unknown = parse(file, errors, { allowTrailingComma: true });
  if (errors.length > 0 || parseTree(file)?.type !== 'object') throw new Error('it is no JSON object');
  return value as { readonly [key: string]: unknown };
}

/** The object with one more key at its end, which stands as its first one does. */
function withKey(file: string, key: string, content: string): string {
  const entry = `${JSON.stringify(key)}: ${content}`;
  const tree = parseTree(file);
  const [first] = tree?.children ?? [];
  const last = tree?.children?.at(-1);
  if ((!first || !last) && !/\{\s*\}/.test(file)) throw new Error('it is an object with nothing but comments');
  if (!tree || !first || !last) return file.replace(/\{[^{}]*\}/, () => `{\n  ${entry}\n}`);
  const end = last.offset + last.length;
  return `${file.slice(0, end)},${file.slice(tree.offset + 1, first.offset)}${entry}${file.slice(end)}`;
}
