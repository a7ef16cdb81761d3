/** The fates of one agent in all its targets, as messages: each loss is said once, with the targets it happens in. */
import type { Report } from '../../diagnostics/report.js';
import type { SourceText } from '../../diagnostics/source-text.js';
import { groupBy } from '../../group-by.js';
import type { Agent, Range } from '../../ir.js';
import type { FieldFate } from './fates.js';
import type { Lowered } from './lower.js';

/** Fields that hold an agent back. Losing one is losing a limit. */
const LIMITS: ReadonlySet<string> = new Set(['hooks', 'isolation', 'maxTurns']);

/** Permission modes that allow less than the default. The others allow more. */
const STRICT_MODES: ReadonlySet<string> = new Set(['plan', 'dontAsk']);

const isLimit = (agent: Agent, field: string): boolean =>
  LIMITS.has(field) || (field === 'permissionMode' && STRICT_MODES.has(agent.permissionMode?.value ?? ''));

/** Whether a loss has a message of its own. */
function isToldElsewhere({ field, kind }: FieldFate, { unmappedModel }: Lowered): boolean {
  if (field === 'model') return unmappedModel !== undefined;
  return field === 'tools' || (field === 'body' && kind === 'approximated');
}

/** Reports what an agent loses or gains in its targets. Gives whether the project makes an error of any of it. */
export function reportLosses(agent: Agent, lowered: readonly Lowered[], source: SourceText, report: Report): boolean {
  let refused = false;
  const watched: Watched = {
    add(...message) {
      const severity = report.add(...message);
      if (severity === 'error') refused = true;
      return severity;
    },
  };
  reportAll(agent, lowered, source, watched);
  return refused;
}

type Watched = Pick<Report, 'add'>;

function reportAll(agent: Agent, lowered: readonly Lowered[], source: SourceText, report: Watched): void {
  for (const [field, { dropped, notes }] of lossesByField(lowered)) {
    const label = field.replace(/^extra\./, '');
    if (dropped.length > 0) {
      const code = isLimit(agent, field) ? 'limit-dropped' : 'field-dropped';
      report.add(code, source, placeOf(agent, field), { field: label, targets: dropped });
    }
    if (notes.length > 0) report.add('field-changed', source, placeOf(agent, field), { field: label, notes: Object.fromEntries(notes) });
  }
  reportNames(agent, lowered, source, report);
  reportTwins(agent, lowered, source, report);
  reportModel(agent, lowered, source, report);
  reportTools(agent, lowered, source, report);
}

/** Where a field is lost, and where and how it is changed. */
interface Loss {
  readonly dropped: string[];
  readonly notes: [target: string, notes: string[]][];
}

/** The losses of each field that has a fate. What is said elsewhere is left out. */
function lossesByField(lowered: readonly Lowered[]): Map<string, Loss> {
  const losses = new Map<string, Loss>();
  for (const one of lowered) {
    const target = one.target.name;
    for (const fate of one.fates) {
      if (isToldElsewhere(fate, one)) continue;
      const { field, kind, note } = fate;
      const loss = losses.get(field) ?? { dropped: [], notes: [] };
      losses.set(field, loss);
      if (kind === 'dropped') loss.dropped.push(target);
      else if (kind === 'approximated' || kind === 'moved') loss.notes.push([target, [note ?? kind]]);
    }
  }
  return losses;
}

function reportNames(agent: Agent, lowered: readonly Lowered[], source: SourceText, report: Watched): void {
  const changed = lowered.flatMap(({ target, fates }): [target: string, names: string[]][] => {
    const { kind, note } = fates.find(({ field }) => field === 'name') ?? {};
    const chosen = agent.overrides[target.name]?.fields.name !== undefined;
    return kind === 'mapped' && note !== undefined && !chosen ? [[target.name, [note]]] : [];
  });
  if (changed.length === 0) return;
  report.add('name-changed', source, agent.name.range, { name: agent.name.value, names: Object.fromEntries(changed) });
}

/** An assistant that reads another one's files has the agent twice when it is called otherwise there. */
function reportTwins(agent: Agent, lowered: readonly Lowered[], source: SourceText, report: Watched): void {
  const nameIn = ({ header, id }: Lowered): string => String(header.find(({ field }) => field === 'name')?.value ?? id);
  const names = lowered.flatMap((one) => {
    const { alsoReads } = one.target;
    if (!alsoReads) return [];
    const others = lowered.filter(({ target }) => alsoReads.includes(target.name));
    const both = [...new Set([one, ...others].map(nameIn))];
    return both.length > 1 ? [[one.target.name, both] as const] : [];
  });
  if (names.length > 0) report.add('listed-twice', source, agent.name.range, { names: Object.fromEntries(names) });
  const shadows = lowered.filter(({ target, id }) => target.builtIns?.includes(id)).map(({ target }) => target.name);
  if (shadows.length > 0) report.add('name-shadows', source, agent.name.range, { name: agent.name.value, targets: shadows });
}

function reportModel(agent: Agent, lowered: readonly Lowered[], source: SourceText, report: Watched): void {
  for (const [word, found] of groupBy(lowered, (one) => one.unmappedModel)) {
    if (word === undefined) continue;
    const model = found.map((one) => agent.overrides[one.target.name]?.fields.model).find((override) => override) ?? agent.model;
    if (model) report.add('model-not-mapped', source, model.range, { word, targets: found.map((one) => one.target.name) });
  }
}

function reportTools(agent: Agent, lowered: readonly Lowered[], source: SourceText, report: Watched): void {
  const range = agent.tools.range ?? agent.name.range;
  const by = (list: 'gained' | 'lost' | 'always', reasons: 'whyGained' | 'whyLost') => {
    const found = lowered.filter((one) => one.grant[list].length > 0);
    const why = [...new Set(found.flatMap((one) => one.grant[reasons]))];
    return { why, lists: Object.fromEntries(found.map((one) => [one.target.name, one.grant[list]])), any: found.length > 0 };
  };
  const [gained, lost, always] = [by('gained', 'whyGained'), by('lost', 'whyLost'), by('always', 'whyGained')];
  if (gained.any) report.add('tools-widened', source, range, { gained: gained.lists, why: gained.why });
  if (lost.any) report.add('tools-narrowed', source, range, { lost: lost.lists, why: lost.why });
  if (always.any) report.add('tools-always-on', source, range, { gained: always.lists });
}

/** Where the author wrote a field. */
function placeOf(agent: Agent, field: string): Range {
  if (field.startsWith('extra.')) return agent.extra.find(({ key }) => `extra.${key}` === field)?.range ?? agent.name.range;
  const located = agent[field as keyof Agent];
  return located !== null && typeof located === 'object' && 'range' in located && located.range
    ? (located.range as Range)
    : agent.name.range;
}
