/**
 * What an agent inherits from a base: sections that it does not have stand between its own, in the base's order; one that
 * it has counts instead of the base's; `@super` puts the base's text of the same section in.
 */
import type { RootContent } from 'mdast';
import type { Report } from '../../diagnostics/report.js';
import type { SourceText } from '../../diagnostics/source-text.js';
import { groupBy } from '../../group-by.js';
import type { Range } from '../../ir.js';
import type { Document } from '../parse/document.js';
import type { Tally } from './blocks.js';
import type { Contribution } from './contribution.js';
import { type OutlineSection, outlineOf, rangeOf, rangeOfSection, withoutTitle } from './outline.js';
import { enclosing, type Slot, topDepth, topParent } from './slots.js';
import { titleKey } from './wording.js';
import type { Material, NewSection, Writing } from './writing.js';

/** Puts what a document inherits between its own sections, and where each `@super` stands. */
export type Inherit = (base: Material | undefined, supers: readonly Range[]) => void;

/** Prepares a document to inherit. */
export function createInheritance(
  host: Document,
  hostNodes: readonly RootContent[],
  root: Slot,
  writing: Writing,
  report: Report,
): Inherit {
  return (base, supers) => {
    const bySlot = groupBy(supers, ({ start }) => enclosing(root, start));
    const used = new Set<Slot>();
    /** The first `@super` of a section's own text, before its first subsection. */
    const superIn = (slot: Slot): Range | undefined => {
      const [first] = bySlot.get(slot) ?? [];
      if (first) used.add(slot);
      return first;
    };

    if (base) {
      const { source } = base;
      const { intro, sections } = withoutTitle(outlineOf(base.nodes));
      const tell = (how: Contribution['how'], at: Range, tally: Tally, section?: OutlineSection): void =>
        writing.told({ from: source.path, origin: source.originOf(at), how, ...(section && { title: section.title }), ...tally });

      inheritIntro(source, intro, superIn, tell);
      inheritSections(source, sections, topParent(root), topDepth(root, sections[0]?.depth ?? 2), true, superIn, tell);
    }
    for (const range of supers) {
      const owner = enclosing(root, range.start);
      const { title } = owner;
      if (used.has(owner) && bySlot.get(owner)?.[0] === range) continue;
      if (used.has(owner)) report.add('super-repeated', host.source, range, {});
      else report.add('super-without-base', host.source, range, { ...(title !== undefined && { title }), extends: base !== undefined });
    }
  };

  function inheritIntro(source: SourceText, intro: readonly RootContent[], superIn: SuperIn, tell: Tell): void {
    const [first, last] = [intro[0], intro.at(-1)];
    if (!first || !last) return;
    const at = { start: rangeOf(first).start, end: rangeOf(last).end };
    const slot = topParent(root);
    const directive = superIn(slot) ?? (slot === root ? undefined : superIn(root));
    const hasOwn = hostNodes.some((node) => node.type !== 'heading' && enclosing(root, rangeOf(node).start) === slot);
    if (directive) tell('extended', at, writing.place(source, intro, slot, directive.start, true));
    else if (hasOwn) tell('replaced', at, { total: intro.length, present: 0 });
    else tell('inherited', at, writing.place(source, intro, slot, introPlace(slot)));
  }

  /** Behind the title, or before the first section. */
  function introPlace(slot: Slot): number {
    const [first] = slot.children.filter((child) => child.own);
    return first?.own?.start ?? slot.own?.textEnd ?? host.body.end;
  }

  /** @param missing whether sections that the document does not have are put in */
  function inheritSections(
    source: SourceText,
    sections: readonly OutlineSection[],
    parent: Slot,
    depth: number,
    missing: boolean,
    superIn: SuperIn,
    tell: Tell,
  ): Tally[] {
    const own = new Map<string, Slot>();
    for (const child of parent.children) if (child.own) for (const key of child.keys) if (!own.has(key)) own.set(key, child);
    const matches = sections.map((section) => own.get(titleKey(section.title)));
    const nexts: (Slot | undefined)[] = [];
    for (let index = matches.length - 1; index >= 0; index--) nexts[index] = matches[index + 1] ?? nexts[index + 1];
    return sections.flatMap((section, index): Tally[] => {
      const match = matches[index];
      if (match) {
        inheritInto(source, section, match, superIn, tell);
        return [];
      }
      if (!missing) return [];
      const added: NewSection = { section, keys: [titleKey(section.title)], parent, depth, placedAt: nexts[index]?.own?.start };
      const tally = writing.append(source, added);
      tell('inherited', rangeOfSection(section), tally, section);
      return [tally];
    });
  }

  function inheritInto(source: SourceText, section: OutlineSection, slot: Slot, superIn: SuperIn, tell: Tell): void {
    const directive = superIn(slot);
    const [first, last] = [section.nodes[0] ?? section.heading, section.nodes.at(-1) ?? section.heading];
    const at = { start: rangeOf(first).start, end: rangeOf(last).end };
    if (directive) tell('extended', at, writing.place(source, section.nodes, slot, directive.start, true), section);
    else tell('replaced', at, { total: section.nodes.length, present: 0 }, section);
    const [child] = section.children;
    const depth = slot.depth + (child ? child.depth - section.depth : 1);
    inheritSections(source, section.children, slot, depth, directive !== undefined, superIn, tell);
  }
}

type SuperIn = (slot: Slot) => Range | undefined;
type Tell = (how: Contribution['how'], at: Range, tally: Tally, section?: OutlineSection) => void;
