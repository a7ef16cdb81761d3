/** A fragment as one use wants it: with its parameters filled in, and without what is left out. */
import type { ListItem, Nodes, Root, RootContent } from 'mdast';
import { toString as textOf } from 'mdast-util-to-string';
import { nearest } from '../../diagnostics/nearest.js';
import { type Remembered, type Report, remember } from '../../diagnostics/report.js';
import { createComposedText, type SourceText } from '../../diagnostics/source-text.js';
import type { Json, Origin, Range } from '../../ir.js';
import type { MarkdownParser } from '../../markdown/parser.js';
import { isDirective, type Text } from './directives.js';
import { checkClosed } from './fragments.js';
import { type OutlineSection, outlineOf, rangeOf } from './outline.js';
import { type Fill, type Filling, templateOf } from './parameters.js';
import type { Placement } from './placements.js';
import { cutLines } from './splice.js';
import { checkboxOf, titleKey } from './wording.js';

/** The most trees of texts with values in them that are kept: many agents give the same values, and some their own. */
const MAX_TREES = 100;

/** Prepares fragments. Equal texts are parsed once, whoever asks for them, as long as there are not too many. */
export function createPreparer(report: Report, parser: MarkdownParser): (placement: Placement) => Text | undefined {
  const templates = new Map<string, Remembered<Fill | undefined>>();
  const trees = new Map<string, Root>();
  const read = (source: SourceText): Text => ({
    source,
    tree() {
      const tree = trees.get(source.text) ?? parser(source.text);
      // The one that was asked for last is the last one to go.
      trees.delete(source.text);
      trees.set(source.text, tree);
      const [oldest] = trees.keys();
      if (trees.size > MAX_TREES && oldest !== undefined) trees.delete(oldest);
      return tree;
    },
  });
  return (placement) => {
    const { fragment, use } = placement;
    const { document } = fragment;
    const values = fillingsOf(placement, report);
    if (!values) return undefined;
    let text: Text = document;
    if (fragment.parameters.length > 0) {
      const { path } = document.source;
      const fill = remember(templates, path, report, () => templateOf(document, fragment.parameters, report));
      const filled = fill?.(values);
      if (!filled) return undefined;
      text = read(filled);
      // A value may open what nothing closes.
      if (!checkClosed(text, report, placement.source)) return undefined;
    }
    const kept = use.omit.length === 0 ? text : read(without(text, placement, report));
    // One that brings others along has done its work, and so has one whose own blocks of Handlebars made nothing.
    const isEmpty = isBlank(document) || (kept !== text && isBlank(kept));
    if (isEmpty && fragment.uses.length === 0) report.add('fragment-empty', placement.source, use.range, { name: use.name });
    return kept;
  };
}

const isBlank = ({ tree }: Text): boolean => tree().children.length === 0;

/** The values for the parameters of a fragment; `undefined`, with the reason reported, when one is missing or not known. */
function fillingsOf({ fragment, use, source }: Placement, report: Report): Map<string, Filling> | undefined {
  const known = fragment.parameters.map(({ name }) => name);
  const values = new Map<string, Filling>();
  let sound = true;
  for (const [parameter, { keyRange }] of Object.entries(use.with)) {
    if (known.includes(parameter)) continue;
    report.add('parameter-unknown', source, keyRange, { name: use.name, parameter, near: nearest(parameter, known), known });
    sound = false;
  }
  for (const { name, default: preset } of fragment.parameters) {
    const given = Object.hasOwn(use.with, name) ? use.with[name] : undefined;
    const expected = given && preset && kindWanted(given.value, preset.value);
    if (given && expected) {
      report.add('parameter-invalid', source, given.range, { name: use.name, parameter: name, expected });
      sound = false;
    } else if (given && given.value !== null)
      values.set(name, { value: given.value, origin: parameterAt(name, source.originOf(given.range)) });
    else if (preset) values.set(name, { value: preset.value, origin: parameterAt(name, fragment.document.source.originOf(preset.range)) });
    else {
      report.add('parameter-missing', source, use.range, { name: use.name, parameter: name });
      sound = false;
    }
  }
  return sound ? values : undefined;
}

/**
 * What a value has to be, when it is of another kind than the default: to Handlebars a text is no list to repeat, and
 * `"false"` is true. A text and a number are printed alike.
 */
function kindWanted(value: Json, preset: Json): string | undefined {
  if (value === null) return undefined;
  if (Array.isArray(preset)) return Array.isArray(value) ? undefined : 'a list, as its default is';
  return typeof preset === 'boolean' && typeof value !== 'boolean' ? '`true` or `false` without quotes, as its default is' : undefined;
}

const parameterAt = (parameter: string, place: Origin): Origin => ({ ...place, kind: 'parameter', parameter });

/** Something that `omit` can name. */
interface Omittable {
  /** What it goes by, as titles are compared. */
  readonly names: readonly string[];
  /** As it is written, for a proposal. */
  readonly label: string;
  readonly ranges: readonly Range[];
}

/** The text without what the use omits. An entry that names nothing is reported. */
function without({ source, tree }: Text, { fragment, use, source: from }: Placement, report: Report): SourceText {
  const { intro, sections } = outlineOf(tree().children);
  const all = [...intro.flatMap(partsOf), ...sections.flatMap(sectionParts)];
  const gone: Range[] = [];
  for (const { value, range } of use.omit) {
    const matches = all.filter(({ names }) => names.includes(titleKey(value)));
    gone.push(...matches.flatMap((match) => match.ranges));
    if (matches.length > 0) continue;
    const labels = all.map(({ label }) => label);
    report.add('omit-unmatched', from, range, { text: value, name: fragment.name, near: nearest(value, labels) });
  }
  const start = fragment.document.source === source ? fragment.document.body.start : 0;
  const within = { start, end: source.text.length };
  let at = start;
  const kept = cutLines(source.text, gone, within).flatMap((cut) => {
    const pieces = source.cut(at, Math.max(at, cut.start));
    at = Math.max(at, cut.end);
    return pieces;
  });
  return createComposedText(source.path, [...kept, ...source.cut(at, within.end)]);
}

function sectionParts(section: OutlineSection): Omittable[] {
  const inner = [...section.nodes.flatMap(partsOf), ...section.children.flatMap(sectionParts)];
  const ranges = stretchesOf([section.heading, ...nodesBelow(section)]);
  return [{ names: [titleKey(section.title)], label: section.title, ranges }, ...inner];
}

/** What nodes take up. A directive between them stays: the block that it opens or closes may be larger. */
function stretchesOf(nodes: readonly RootContent[]): Range[] {
  const stretches: { start: number; end: number }[] = [];
  let open = false;
  for (const node of nodes) {
    const { start, end } = rangeOf(node);
    const last = stretches.at(-1);
    if (isDirective(node)) open = false;
    else if (open && last) last.end = end;
    else {
      stretches.push({ start, end });
      open = true;
    }
  }
  return stretches;
}

const nodesBelow = ({ nodes, children }: OutlineSection): RootContent[] => [
  ...nodes,
  ...children.flatMap((child) => [child.heading, ...nodesBelow(child)]),
];

/** A block, or the items of a list, nested ones too. */
function partsOf(node: RootContent): Omittable[] {
  if (node.type === 'list') return node.children.flatMap((item) => [partOf(item, item.children[0]), ...item.children.flatMap(nestedParts)]);
  return node.type === 'paragraph' ? [partOf(node, node)] : [];
}

const nestedParts = (node: RootContent): Omittable[] => (node.type === 'list' ? partsOf(node) : []);

function partOf(node: ListItem | RootContent, words: Nodes | undefined): Omittable {
  const text = words ? textOf(words) : '';
  const parts = words && 'children' in words ? words.children : [];
  const first = parts.find((part) => part.type !== 'text' || checkboxOf(part.value) !== part.value);
  const lead = first?.type === 'strong' ? textOf(first) : undefined;
  return {
    names: [text.slice(checkboxOf(text)?.length ?? 0), ...(lead === undefined ? [] : [lead])].map(titleKey),
    label: (lead ?? text).replace(/:$/, ''),
    ranges: [rangeOf(node)],
  };
}
