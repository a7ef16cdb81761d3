import type { FateKind } from '../../ir.js';
import type { ColorRule } from '../../targets/target.js';

/** The named colours as red, green and blue; the values of CSS, and a readable yellow and cyan. */
const RGB: { readonly [name: string]: readonly [number, number, number] } = {
  red: [0xff, 0x00, 0x00],
  blue: [0x00, 0x00, 0xff],
  green: [0x00, 0x80, 0x00],
  yellow: [0xff, 0xd7, 0x00],
  purple: [0x80, 0x00, 0x80],
  orange: [0xff, 0xa5, 0x00],
  pink: [0xff, 0xc0, 0xcb],
  cyan: [0x00, 0xbc, 0xd4],
};

/** Says a colour as the target can: by its name, as `#rrggbb`, or by the nearest name. `undefined`: not at all. */
export function lowerColor(color: string, rule: ColorRule): { value: string; fate: FateKind } | undefined {
  if (rule.names.includes(color)) return { value: color, fate: 'exact' };
  const named = RGB[color];
  if (rule.hex) {
    if (color.startsWith('#')) return { value: color, fate: 'exact' };
    return named && { value: `#${named.map((part) => part.toString(16).padStart(2, '0')).join('')}`, fate: 'mapped' };
  }
  if (!color.startsWith('#')) return undefined;
  const wanted = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
  const distance = (name: string): number => (RGB[name] ?? []).reduce((sum, part, i) => sum + (part - (wanted[i] ?? 0)) ** 2, 0);
  const nearest = rule.names.filter((name) => RGB[name]).sort((a, b) => distance(a) - distance(b))[0];
  return nearest === undefined ? undefined : { value: nearest, fate: 'approximated' };
}
