/**
 * Agent + bases + fragments → the body for each target. Takes documents and fragments; gives pieces, each with its origin.
 *
 * The author's text is spliced by offsets and never printed from the tree. What an agent inherits is put between its own
 * sections. For each top section of a fragment: a section with that title gets what it does not say yet; otherwise the
 * section is appended, at the depth of the agent's own; `under` or a directive places it. An agent with nothing of all that
 * is one piece, and no tree is built for it.
 */
import type { Root, RootContent } from 'mdast';
import { toString as textOf } from 'mdast-util-to-string';
import { type Remembered, type Report, remember } from '../../diagnostics/report.js';
import { createComposedText, type SourceText } from '../../diagnostics/source-text.js';
import type { Agent, Body, Range } from '../../ir.js';
import type { MarkdownParser } from '../../markdown/parser.js';
import { parseMarkdown } from '../../markdown/remark.js';
import { type Edition, PLAIN } from '../compose/compose.js';
import type { Document } from '../parse/document.js';
import type { Contribution } from './contribution.js';
import { createDirectiveReader, type Directives, isActive, mayHaveDirectives, type Names, type Purpose, type Text } from './directives.js';
import { withEnclosed } from './enclosed.js';
import { checkClosed, type Fragment, type Library } from './fragments.js';
import { createMerger } from './merger.js';
import { rangeOf } from './outline.js';
import { collectPlacements, type Placement, type Placements } from './placements.js';
import { createPreparer } from './prepare.js';
import { cutLines, splice } from './splice.js';

/** A merged agent: its body for each target. */
export interface Merged {
  /** The paths of the fragments in it. */
  readonly fragments: readonly string[];
  bodyFor(target: string): MergedBody;
}

export interface MergedBody {
  readonly body: Body;
  /** What fragments and bases brought in. */
  readonly contributions: readonly Contribution[];
  /** The titles of all its sections. */
  titles(): readonly string[];
}

/** Merges agents. Errors are reported at the use. */
export type Merge = (agent: Agent, edition: Edition) => Merged;

/** What is merged: a document with what it uses and inherits. */
interface Host {
  readonly document: Document;
  readonly bases: readonly Document[];
  readonly directives: Directives;
  readonly everywhere: Placements;
  readonly uses: Agent['fragments'];
}

/** Prepares the merging of all agents of a build: what they share is read once. */
export function createMerge(library: Library, names: Names, report: Report, parser: MarkdownParser = parseMarkdown): Merge {
  const directivesOf = createDirectiveReader(report);
  const prepare = createPreparer(report, parser);
  const inheritedTexts = new Map<string, Remembered<Text>>();
  const baseHosts = new Map<string, Remembered<Host>>();
  const shownTexts = new WeakMap<Text, Map<string, Text>>();
  const preparedTexts = new WeakMap<Host, Map<string | Placement, Remembered<Text | undefined>>>();
  const fragmentNodes = new WeakMap<Text, RootContent[]>();

  function hostOf(document: Document, bases: readonly Document[], uses: Agent['fragments'], variants = names.variants): Host {
    const directives = directivesOf(document, { ...names, variants });
    const everywhere = collectPlacements(uses, directives.fragments, document.source, library, report, {
      tellRepeats: directives.blocks.length === 0,
    });
    return { document, bases, directives, everywhere, uses };
  }

  /** The fragments for one target. A directive in a block for others places nothing, and a fragment may stand in several. */
  function placementsFor({ document, directives, everywhere, uses }: Host, purpose: Purpose): readonly Placement[] {
    const inactive = directives.blocks.filter((block) => !isActive(block, purpose));
    const here = directives.fragments.filter(({ range }) => !inactive.some((block) => surrounds(block, range)));
    const limited = everywhere.placements.some(({ fragment }) => fragment.only !== undefined || fragment.without.length > 0);
    if (directives.blocks.length === 0 && !limited) return everywhere.placements;
    const { target } = purpose;
    return collectPlacements(uses, here, document.source, library, report, { target, tellRepeats: directives.blocks.length > 0 })
      .placements;
  }

  /** A fragment as a host wants it. Values and omissions are the host's own, so what they make is kept for it alone. */
  function preparedFor(host: Host, placement: Placement): Text | undefined {
    const { fragment, use } = placement;
    const known = preparedTexts.get(host) ?? new Map<string | Placement, Remembered<Text | undefined>>();
    preparedTexts.set(host, known);
    return remember(known, placement, report, () => {
      const values = Object.entries(use.with).map(([name, { value, range }]) => [name, value, range]);
      const key = JSON.stringify([fragment.document.source.path, use.omit.map(({ value }) => value), values]);
      return remember(known, key, report, () => prepare(placement));
    });
  }

  /** What of a purpose matters to a host: purposes with one key have one body. */
  function keyFor(host: Host, purpose: Purpose): string {
    const bits = (text: Text): string =>
      directivesOf(text, names)
        .blocks.map((block) => Number(isActive(block, purpose)))
        .join('');
    // The text that is filled in: a value may bring a block along.
    const fragments = placementsFor(host, purpose).map((placement) => {
      const text = preparedFor(host, placement);
      return `${placement.fragment.document.source.path}:${text ? bits(text) : ''}`;
    });
    const base = baseHost(host.bases);
    return [bits(host.document), ...fragments, ...(base ? [keyFor(base, purpose)] : [])].join('|');
  }

  /** The nearest base, as a document that inherits from the others. */
  function baseHost([base, ...further]: readonly Document[]): Host | undefined {
    if (!base) return undefined;
    const key = [base, ...further].map(({ source }) => source.path).join('|');
    return remember(baseHosts, key, report, () => hostOf(base, further, []));
  }

  function bodyOf(host: Host, purpose: Purpose): MergedBody {
    const { document, directives } = host;
    const { source, body } = document;
    const gone = [...hidden(directives, purpose), ...commentsIn(directives)];
    const shown = (range: Range): boolean => !isHidden(range, directives, purpose);
    const supers = directives.supers.filter(shown);
    const marks = [...supers, ...directives.fragments.map(({ range }) => range).filter(shown)];
    const nodes = withEnclosed(contentNodes(document.tree(), gone), source.text, true);
    const merger = createMerger(document, nodes, marks, report);
    const base = inheritedText(host.bases, purpose);
    merger.inherit(base && { source: base.source, nodes: shownNodes(base, purpose) }, supers);
    // What a directive in a base has placed is there.
    const there = new Set(merger.insertions().flatMap(({ pieces }) => pieces.map(({ origin }) => origin.path)));
    for (const placement of placementsFor(host, purpose)) {
      const { fragment, use, source: from, directive } = placement;
      if (!directive && there.has(fragment.document.source.path)) continue;
      const prepared = preparedFor(host, placement);
      if (!prepared) continue;
      const text = shownText(prepared, purpose);
      const { name } = fragment;
      const aliases = beginsAs(fragment, text) ? fragment.aliases : [];
      merger.add(
        { name, aliases, source: text.source, nodes: shownNodes(text, purpose) },
        { use, source: from, ...(directive && { placeAt: directive.range.start }) },
      );
    }
    return {
      body: splice(source, body, cutLines(source.text, gone, body), merger.insertions()),
      contributions: merger.contributions,
      titles: merger.titles,
    };
  }

  /** The text that is inherited: the nearest base with what it inherits itself, its blocks and directives carried out. */
  function inheritedText(bases: readonly Document[], purpose: Purpose): Text | undefined {
    const host = baseHost(bases);
    if (!host) return undefined;
    const { document: base, directives } = host;
    const { blocks, fragments, supers } = directives;
    if (host.bases.length === 0 && blocks.length + fragments.length + supers.length === 0) return base;
    const key = [...bases.map(({ source }) => source.path), keyFor(host, purpose)].join('|');
    const make = (): Text => readAgain(createComposedText(base.source.path, bodyOf(host, purpose).body), parser);
    return remember(inheritedTexts, key, report, make);
  }

  /** The nodes of a text that a target gets. */
  function shownNodes(text: Text, purpose: Purpose): RootContent[] {
    const known = fragmentNodes.get(text);
    if (known) return known;
    const directives = directivesOf(text, names);
    const nodes = withEnclosed(
      contentNodes(text.tree(), [...hidden(directives, purpose), ...commentsIn(directives)]),
      text.source.text,
      false,
    );
    // Without blocks they are the same for every target and every agent.
    if (directives.blocks.length === 0) fragmentNodes.set(text, nodes);
    return nodes;
  }

  /** A fragment without its blocks' comments, so that a list with a block in it is one list. */
  function shownText(text: Text, purpose: Purpose): Text {
    const directives = directivesOf(text, names);
    const { fragments, supers, blocks } = directives;
    for (const { range } of fragments) report.add('directive-out-of-place', text.source, range, { word: 'fragment' });
    for (const range of supers) report.add('directive-out-of-place', text.source, range, { word: 'super' });
    if (blocks.length === 0) return text;
    const key = blocks.map((block) => Number(isActive(block, purpose))).join('');
    const known = shownTexts.get(text) ?? new Map<string, Text>();
    shownTexts.set(text, known);
    const made = known.get(key) ?? readAgain(withoutLines(text, [...hidden(directives, purpose), ...commentsIn(directives)]), parser);
    known.set(key, made);
    return made;
  }

  return (agent, { document, bases, variants }) => {
    const { source, body } = document;
    if (agent.fragments.length === 0 && bases.length === 0 && !mayHaveDirectives(source.text.slice(body.start))) {
      const titles = (): string[] => document.tree().children.flatMap((node) => (node.type === 'heading' ? [textOf(node)] : []));
      const whole: MergedBody = { body: source.cut(body.start, body.end), contributions: [], titles };
      return { fragments: [], bodyFor: () => whole };
    }
    const host = hostOf(document, bases, agent.fragments, variants);
    if (bases.length > 0 || host.everywhere.placements.some(({ directive }) => !directive)) checkClosed(document, report);
    const bodies = new Map<string, MergedBody>();
    return {
      fragments: host.everywhere.paths,
      bodyFor(target) {
        const purpose: Purpose = { target, variant: agent.variant ?? PLAIN };
        const key = keyFor(host, purpose);
        const made = bodies.get(key) ?? bodyOf(host, purpose);
        bodies.set(key, made);
        return made;
      },
    };
  };
}

/** Whether a text has the first section of its fragment: `omit` may have left it out, with its other titles. */
function beginsAs({ aliases, document }: Fragment, text: Text): boolean {
  if (aliases.length === 0 || text === document) return true;
  const first = (tree: Root): Range | undefined => tree.children.filter(({ type }) => type === 'heading').map(rangeOf)[0];
  const [own, here] = [first(document.tree()), first(text.tree())];
  return own !== undefined && here !== undefined && text.source.originOf(here).start === own.start;
}

/** A text that was put together, to be parsed when its tree is asked for. */
function readAgain(source: SourceText, parser: MarkdownParser): Text {
  let tree: Root | undefined;
  return {
    source,
    tree() {
      tree ??= parser(source.text);
      return tree;
    },
  };
}

function withoutLines({ source, tree }: Text, gone: readonly Range[]): SourceText {
  const [first] = tree().children;
  const body = { start: first ? rangeOf(first).start : 0, end: source.text.length };
  return createComposedText(source.path, splice(source, body, cutLines(source.text, gone, body), []));
}

const surrounds = ({ open, close }: { open: Range; close: Range }, { start, end }: Range): boolean => open.start < start && end < close.end;

/** The blocks that are not for a purpose, comments included. */
const hidden = ({ blocks }: Directives, purpose: Purpose): Range[] =>
  blocks.filter((block) => !isActive(block, purpose)).map(({ open, close }) => ({ start: open.start, end: close.end }));

const isHidden = (range: Range, { blocks }: Directives, purpose: Purpose): boolean =>
  blocks.some((block) => !isActive(block, purpose) && surrounds(block, range));

const commentsIn = ({ blocks, fragments, supers }: Directives): Range[] => [
  ...blocks.flatMap(({ open, close }) => [open, close]),
  ...fragments.map(({ range }) => range),
  ...supers,
];

function contentNodes({ children }: Root, gone: readonly Range[]): RootContent[] {
  return children.filter((node) => {
    const { start, end } = rangeOf(node);
    return !gone.some((range) => range.start <= start && end <= range.end);
  });
}
