/** Sections that a project wants its agents to have. */
import type { Report } from '../../diagnostics/report.js';
import type { SourceText } from '../../diagnostics/source-text.js';
import type { Agent } from '../../ir.js';
import type { Library } from './fragments.js';
import { titleKey } from './wording.js';

/** The sections that some agents must have. Without `folder` and `tag` it holds for every agent. */
export interface OutlineRule {
  readonly sections: readonly string[];
  /** Agents in this folder and below; relative to the project's root. */
  readonly folder?: string | undefined;
  /** Agents with this word in `tags`. */
  readonly tag?: string | undefined;
}

/** Reports sections that an agent lacks in some of its targets, with the fragments that have them. */
export function checkSections(
  agent: Agent,
  source: SourceText,
  titles: ReadonlyMap<string, readonly string[]>,
  rules: readonly OutlineRule[],
  library: Library,
  root: string,
  report: Report,
): void {
  const wanted = new Set(
    rules.filter((rule) => holdsFor(rule, { path: agent.path, tags: tagsOf(agent) }, root)).flatMap(({ sections }) => sections),
  );
  if (wanted.size === 0) return;
  const had = [...titles].map(([target, there]) => [target, new Set(there.map(titleKey))] as const);
  for (const title of wanted) {
    const lacking = had.filter(([, keys]) => !keys.has(titleKey(title))).map(([target]) => target);
    if (lacking.length === 0) continue;
    const targets = lacking.length === had.length ? [] : lacking;
    report.add('section-missing', source, agent.name.range, { title, fragments: library.having(title), targets });
  }
}

/** Reports rules for a folder or a tag that hold for no agent: a misspelt one would be silent for ever. */
export function checkRules(agents: readonly Tagged[], rules: readonly OutlineRule[], root: string, config: string, report: Report): void {
  for (const rule of rules) {
    const { folder, tag } = rule;
    if ((folder === undefined && tag === undefined) || agents.some((agent) => holdsFor(rule, agent, root))) continue;
    report.addForFile('outline-unmatched', config, { ...(folder !== undefined && { folder }), ...(tag !== undefined && { tag }) });
  }
}

/** An agent as rules choose it. */
export interface Tagged {
  readonly path: string;
  readonly tags: readonly string[];
}

function holdsFor({ folder, tag }: OutlineRule, { path, tags }: Tagged, root: string): boolean {
  const base = [root, folder?.replace(/^\.(?:\/|$)|\/$/g, '')].filter(Boolean).join('/');
  if (folder !== undefined && base !== '' && !path.startsWith(`${base}/`)) return false;
  return tag === undefined || tags.includes(tag);
}

/** `tags`: a list, or words separated by commas. */
export function tagsOf({ extra }: Agent): string[] {
  const value = extra.find(({ key }) => key === 'tags')?.value;
  const words = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : [];
  return words.flatMap((word) => (typeof word === 'string' ? [word.trim()] : []));
}
