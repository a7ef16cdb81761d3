import * as v from 'valibot';

/** A header that may have these keys and no others. */
export const closed = <Entries extends v.ObjectEntries>(entries: Entries) =>
  v.strictObject(entries, ({ expected, received }) =>
    expected === 'never' ? 'there is no such key' : `it must be ${expected}, not ${received}`,
  );
