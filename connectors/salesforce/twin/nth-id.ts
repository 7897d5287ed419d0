import { longId } from '../record-id.ts';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The nth id that this organisation gives out for an object with this prefix. */
export function nthId(prefix: string, n: number): string {
  let rest = n;
  let digits = '';
  while (digits.length < 9) {
    digits = (BASE62[rest % 62] ?? '0') + digits;
    rest = Math.floor(rest / 62);
  }
  return longId(`${prefix}Tw0${digits}`);
}
