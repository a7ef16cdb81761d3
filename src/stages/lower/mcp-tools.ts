/** Tools of MCP servers in a target's spelling. */
import type { McpSpelling, Target } from '../../targets/target.js';
import type { Asked, McpRef } from './asked.js';
import { EVERY_SERVER, noName, type Tally } from './tally.js';

/** The MCP tools that an allow-list names. */
export function sayServers(asked: Asked, mcp: McpSpelling | undefined, canDeny: boolean, target: Target, tally: Tally): string[] {
  if (asked.everyServer) {
    if (mcp?.all && (canDeny || asked.mcpDenied.length === 0)) return [mcp.all];
    tally.lost.push(EVERY_SERVER);
    tally.whyLost.add(noName(target));
  }
  return asked.mcp.flatMap((ref) => {
    const limited = !canDeny && asked.mcpDenied.some((denied) => denied.server === ref.server);
    const ids = limited ? [] : spell(mcp, ref);
    if (ids.length > 0) return ids;
    tally.lost.push(ref.word.value);
    tally.whyLost.add(noName(target));
    return [];
  });
}

/** The MCP tools that are denied by name. What cannot be named takes its whole server along, or stays and is told. */
export function sayDenials(asked: Asked, spelling: McpSpelling | undefined, open: boolean, tally: Tally): string[] {
  const mcp = spelling && { ...spelling, ...spelling.denials };
  return asked.mcpDenied.flatMap((ref) => {
    const ids = spell(mcp, ref);
    if (ids.length > 0) return ids;
    const whole = ref.server === '*' ? [] : spell(mcp, { kind: 'mcp', server: ref.server, word: ref.word });
    if (whole.length > 0) tally.lost.push(`other tools of ${ref.server}`);
    else if (open || asked.everyServer)
      tally.gained.push(ref.server === '*' ? EVERY_SERVER : ref.tool === undefined ? `every tool of ${ref.server}` : ref.word.value);
    return whole;
  });
}

export function spell(mcp: McpSpelling | undefined, { server, tool }: McpRef): string[] {
  if (!mcp) return [];
  if (server === '*') return mcp.all === undefined ? [] : [mcp.all];
  if (mcp.servers && !mcp.servers.test(server)) return [];
  const clean = (name: string): string => (mcp.replaces ? name.replaceAll(mcp.replaces, '_') : name);
  const template = tool === undefined ? mcp.server : mcp.tool;
  // `foo*`: some assistants match a prefix, none of them is certain to.
  if (template === undefined || tool?.includes('*')) return [];
  const id = template.replace('{server}', () => clean(server)).replace('{tool}', () => clean(tool ?? ''));
  return mcp.longest !== undefined && id.length > mcp.longest ? [] : [id];
}
