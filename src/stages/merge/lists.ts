/** Which list the items of a fragment's list join. */
import type { List, RootContent } from 'mdast';
import type { SourceText } from '../../diagnostics/source-text.js';
import type { Destination } from './blocks.js';
import type { HouseStyle } from './house-style.js';
import type { Index } from './said.js';
import type { ListSlot } from './slots.js';
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
    const blocks = to.lists.length > 0 && to.lists.every(isLed) && to.blocks === to.slot.tail && !leadIn ? to.slot.head : to.blocks;
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
    const lists = to.lists.filter((one) => !leadsOn(one));
    const all = [...lists.map((one) => index.list(one)), ...added.map((block) => block.list)];
    const { scope } = to;
    const found = scope && all.length > 0 ? list.children.flatMap((item) => index.findItems(scope, item, source)) : [];
    const shared = all.map((one) => found.filter((item) => one.items.includes(item)).length);
    const most = Math.max(0, ...shared);
    if (most > 0) return all[shared.indexOf(most)];
    const own = lists.filter((one) => !isLed(one));
    const open = [...own.map((one) => index.list(one)), ...added.filter((block) => !block.led).map((block) => block.list)];
    const alike = open.find((one) => one.ordered === (list.ordered === true));
    // A lone ordered list goes on counting; steps would lose their order among items.
    return alike ?? (list.ordered !== true && to.lists.length === 1 ? open[0] : undefined);
  }

  /** Whether the last item of a list of the author's leads into what stands behind it: nothing may come between. */
  function leadsOn(list: List): boolean {
    const text = list.children.at(-1)?.children.at(-1);
    const next = nodes[nodes.indexOf(list) + 1];
    return text?.type === 'paragraph' && endsInColon(text) && next !== undefined && next.type !== 'heading';
  }

  /** Whether a text of the author's leads into a list. */
  function isLed(list: List): boolean {
    const before = nodes[nodes.indexOf(list) - 1];
    return before !== undefined && leadsInto(before, list);
  }
}
