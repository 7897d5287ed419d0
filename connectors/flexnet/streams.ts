import type { StreamDefinition } from '../../src/sdk/define-connector.ts';

const stream = (name: string, title: string): StreamDefinition => ({
  name,
  title,
  cursor: 'full',
  pageSize: 1000,
  personalData: true,
});

export const STREAMS: readonly StreamDefinition[] = [
  stream('checkouts', 'Licences held, from the debug log'),
  stream('denials', 'Licences refused, from the debug log'),
  stream('features', 'Licences issued and in use, from lmstat'),
];

export const FIELDS: Readonly<Record<string, readonly string[]>> = {
  checkouts: ['server', 'daemon', 'feature', 'product', 'user', 'host', 'licences', 'out_at', 'in_at', 'end_reason', 'borrowed_until'],
  denials: ['server', 'daemon', 'feature', 'product', 'user', 'host', 'licences', 'at', 'reason', 'reason_code'],
  features: ['server', 'feature', 'issued', 'in_use', 'at', 'holders'],
}; // prettier-ignore
