import * as v from 'valibot';

/** A header that may have these keys and no others. */
export const closed = <Entries extends v.ObjectEntries>(entries: Entries) =>
  v.strictObject(entries, ({ expected, received }) =>
    expected === 'never' ? 'there is no such key' : `it must be ${expected}, not ${received}`,
  );

const text = v.optional(v.string());
const texts = v.optional(v.record(v.string(), v.string()));

/** The configuration of an MCP server: the keys that assistants share have these types in all of them. */
export const mcpServer = v.looseObject({
  command: text,
  args: v.optional(v.array(v.string())),
  env: texts,
  cwd: text,
  url: text,
  http_url: text,
  headers: texts,
  http_headers: texts,
});
