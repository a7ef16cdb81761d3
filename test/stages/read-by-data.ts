/**
 * What an emitted file grants, read off the file by what a target's data says of its loader. For targets without a reader
 * of their own in read-grant.ts; that the data is true is for test/clients to prove.
 */
import { FORMATS } from '../../src/formats/index.js';
import type { Capability, Json } from '../../src/ir.js';
import { CAPABILITIES } from '../../src/targets/capabilities.js';
import type { AllowList, Target, ToolRule } from '../../src/targets/target.js';
import { type Act, opencodeAllows, patternMatches } from './read-grant.js';

type Header = { readonly [key: string]: Json };

/** Whether the agent in a file may do something. */
export function mayDoByData(target: Target, file: string, act: Act): boolean {
  const { tools } = target.fields;
  if (act.capability === 'mcp' && tools.mcp?.always) return true;
  if (act.capability !== 'mcp' && tools.always?.includes(act.capability as Capability)) return true;
  const header = target.body.instead === undefined ? headerOf(target, file) : {};
  switch (tools.enforcement.by) {
    case 'allow-list':
      return byLists(tools, tools.enforcement, header, act);
    case 'permission-map': {
      const [server = '', tool = ''] = act.on.split('/');
      const key = act.capability === 'mcp' ? spelled(tools.mcp?.tool, server, tool) : idsOf(tools, act)[0];
      return key !== undefined && opencodeAllows(header[tools.enforcement.key], key, act.on);
    }
    case 'flags': {
      const set = tools.enforcement.flags.filter(({ key, value }) => JSON.stringify(header[key]) === JSON.stringify(value));
      return act.capability === 'mcp'
        ? tools.mcp !== undefined
        : idsOf(tools, act).length > 0 && !set.some(({ removes }) => removes.includes(act.capability as Capability));
    }
  }
}

let last: { readonly file: string; readonly header: Header } | undefined;

/** A file is asked about many times in a row. */
function headerOf({ format }: Target, file: string): Header {
  if (last?.file !== file) last = { file, header: FORMATS[format].read(file).header };
  return last.header;
}

function byLists(tools: ToolRule, list: AllowList, header: Header, act: Act): boolean {
  const value = header[list.key];
  const listed = wordsIn(value);
  const denied = list.denyKey === undefined ? [] : wordsIn(header[list.denyKey]);
  if (list.oneList && value !== undefined && denied.length > 0) throw new Error('only one of the lists may be there');
  if (covers(denied, tools, act, list, { ...tools.mcp, ...tools.mcp?.denials })) return false;
  const isAll =
    (value === undefined && list.everything === undefined) ||
    (list.everything !== undefined && JSON.stringify(value) === JSON.stringify(list.everything)) ||
    (list.nothing !== undefined && listed.length === 0);
  if (isAll) return act.capability === 'mcp' ? tools.mcp !== undefined : idsOf(tools, act).length > 0;
  return covers(listed, tools, act, list);
}

function covers(words: readonly string[], tools: ToolRule, act: Act, { patterns }: AllowList, mcp = tools.mcp): boolean {
  if (act.capability === 'mcp') {
    const [server = '', tool = ''] = act.on.split('/');
    return [spelled(mcp?.tool, server, tool), spelled(mcp?.server, server, ''), mcp?.all].some(
      (id) => id !== undefined && words.includes(id),
    );
  }
  return words.some((word) => {
    const [, name = '', inner] = (patterns ? /^([^(]*)(?:\((.*)\))?$/s.exec(word) : [word, word]) ?? [];
    return idsOf(tools, act).includes(name) && (inner === undefined || patternMatches(inner, act));
  });
}

const spelled = (form: string | undefined, server: string, tool: string): string | undefined =>
  form?.replace('{server}', server).replace('{tool}', tool);

function wordsIn(value: Json | undefined): string[] {
  const texts = Array.isArray(value) ? value : [value];
  return texts.flatMap((text) => (typeof text === 'string' ? (text.match(/(?:[^\s,()]|\([^)]*\))+/g) ?? []) : []));
}

function idsOf({ ids }: ToolRule, { capability }: Act): readonly string[] {
  const known = CAPABILITIES.find((one) => one === capability);
  const id = known && ids[known];
  return id === null || id === undefined ? [] : typeof id === 'string' ? [id] : id;
}
