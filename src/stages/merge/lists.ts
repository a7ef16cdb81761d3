/** Which list the items of a fragment's list join. */
import type { List, RootContent } from 'mdast';
import type { SourceText } from '../../diagnostics/source-text.js';
import type { Destination } from './blocks.js';
import type { HouseStyle } from './house-style.js';
import type { Index } from './said.js';
import type { Item, ListSlot } from './slots.js';
import { endsInColon, leadsInto } from './wording.js';
import { newList, writeBlock } from './write.js';

/** What is known of a fragment's list when its first item is to be put somewhere. */
export interface JoiningList {
  readonly source: SourceText;
  readonly list: List;
  /** The text before it, if it leads into the list. */
  readonly leadIn: RootContent | undefined;
}

/** Finds the list that items join, or makes one. */
export function createLists(index: Index, house: HouseStyle, nodes: readonly RootContent[]) {
  const neighbours = neighboursIn(nodes);
  /**
   * The list behind the text that leads into the fragment's. Where nothing says that text, a new one behind it. Else one
   * that is there.
   */
  return function listFor({ source, list, leadIn }: JoiningList, to: Destination): ListSlot {
    const isSaid = leadIn !== undefined && to.scope !== undefined && index.hasBlock(to.scope, leadIn);
    const behind = isSaid ? index.listBehind(to.scope, leadIn) : undefined;
    const joined = behind ?? (to.fresh || (leadIn && !isSaid) ? undefined : listToJoin(source, list, to));
    if (joined) return joined;
    // Behind the last text of an author's that leads into a list, a list would be read as part of what that says.
    const blocks =
      to.lists.length > 0 && to.lists.every((one) => neighbours(one).isLed) && to.blocks === to.slot.tail && !leadIn
        ? to.slot.head
        : to.blocks;
    if (leadIn && !isSaid) blocks.push({ kind: 'text', pieces: writeBlock(source, leadIn, house.eol) });
    const made = newList(source, list, house);
    blocks.push({ kind: 'list', list: made, led: leadIn !== undefined });
    if (leadIn) index.hearBlock(to.slot, leadIn, made);
    return made;
  };

  /**
   * The list that says most of what a list says. Else the nearest of its kind, ordered or not, or an ordered one when it is
   * the only list. One that a text leads into, such as "Never:", gets only what belongs there.
   */
  function listToJoin(source: SourceText, list: List, to: Destination): ListSlot | undefined {
    const added = [...to.slot.head, ...to.blocks].filter((block) => block.kind === 'list').toReversed();
    const lists = to.lists.filter((one) => !neighbours(one).leadsOn);
    const all = [...lists.map((one) => index.list(one)), ...added.map((block) => block.list)];
    const { scope } = to;
    const found = scope && all.length > 0 ? list.children.flatMap((item) => index.findItems(scope, item, source)) : [];
    const joined = found.length > 0 ? withMost(all, found) : undefined;
    if (joined) return joined;
    const own = lists.filter((one) => !neighbours(one).isLed);
    const open = [...own.map((one) => index.list(one)), ...added.filter((block) => !block.led).map((block) => block.list)];
    const alike = open.find((one) => one.ordered === (list.ordered === true));
    // A lone ordered list goes on counting; steps would lose their order among items.
    return alike ?? (list.ordered !== true && to.lists.length === 1 ? open[0] : undefined);
  }
}

/** The first list that has most of some items; `undefined` when none has any. */
function withMost(lists: readonly ListSlot[], items: readonly Item[]): ListSlot | undefined {
  const counts = new Map<Item, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  let most = 0;
  let result: ListSlot | undefined;
  for (const list of lists) {
    const shared = list.items.reduce((sum, item) => sum + (counts.get(item) ?? 0), 0);
    if (shared > most) [most, result] = [shared, list];
  }
  return result;
}

/** What a list of the author's and the text beside it are to each other. */
interface Neighbours {
  /** A text leads into the list. */
  readonly isLed: boolean;
  /** Its last item leads into what stands behind it: nothing may come between. */
  readonly leadsOn: boolean;
}

/** Every list is asked for again and again: what is known of one is kept. */
function neighboursIn(nodes: readonly RootContent[]): (list: List) => Neighbours {
  const known = new Map<RootContent, Neighbours>();
  let isRead = false;
  const read = (): void => {
    isRead = true;
    for (const [at, node] of nodes.entries()) if (node.type === 'list') known.set(node, neighboursOf(node, nodes[at - 1], nodes[at + 1]));
  };
  return (list) => {
    if (!isRead) read();
    return known.get(list) ?? { isLed: false, leadsOn: false };
  };
}

function neighboursOf(list: List, before: RootContent | undefined, next: RootContent | undefined): Neighbours {
  const text = list.children.at(-1)?.children.at(-1);
  return {
    isLed: before !== undefined && leadsInto(before, list),
    leadsOn: text?.type === 'paragraph' && endsInColon(text) && next !== undefined && next.type !== 'heading',
  };
}
