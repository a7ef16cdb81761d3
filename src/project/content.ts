/** What an output says: a text, or the bytes of one when another thread made it. Bytes go from thread to thread without a copy. */
export type Content = string | Uint8Array;

export const textOf = (content: Content): string => (typeof content === 'string' ? content : Buffer.from(content).toString());

export const bytesOf = (content: Content): Uint8Array => (typeof content === 'string' ? Buffer.from(content) : content);
