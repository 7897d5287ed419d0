import type { Effect } from '../../src/delivery/effect.ts';
import type { Seeded } from '../sim/seeded.ts';
import type { Rig } from './rig.ts';

/** How a record is written: a new one, one by the vendor's own id, one that we made before, many in one call. */
export const KINDS = ['create', 'update', 'upsert', 'collection'] as const;
export type Kind = (typeof KINDS)[number];

/** A stream of effects that a seed makes: each asks for something that was not asked for before. */
export interface EffectStream {
  /** Effects of one kind for one company; an upsert finds its record made by earlier ones. */
  next(tenantId: string, kind: Kind): readonly Effect[];
}

const COLLECTION = 25;
/** Accounts that one company writes on: no two companies share one. */
const OWN_ACCOUNTS = 3;

export function effectStream(
  rig: Pick<Rig, 'tenants' | 'accounts' | 'products' | 'order'>,
  seeded: Seeded,
): EffectStream {
  let count = 0;
  const made = new Map<string, string[]>();
  const account = (tenantId: string): string => {
    const at = rig.tenants.indexOf(tenantId) * OWN_ACCOUNTS + seeded.whole(0, OWN_ACCOUNTS - 1);
    return rig.accounts[at % rig.accounts.length] ?? '';
  };
  const contract = (tenantId: string, canonicalId: string): Effect => ({
    connection: 'crm',
    object: 'Contract',
    canonicalId,
    vendorId: null,
    fields: { AccountId: account(tenantId), Name: `Contract ${count}`, StartDate: '2026-04-01', ContractTerm: seeded.whole(1, 60), Status: 'Draft' },
  }); // prettier-ignore
  const order = (canonicalId: string): Effect => ({
    connection: 'erp',
    object: 'salesOrder',
    canonicalId,
    vendorId: null,
    fields: {
      entity: rig.order['entity'] ?? null,
      subsidiary: rig.order['subsidiary'] ?? null,
      currency: { symbol: 'USD' },
      tranDate: '2026-03-02',
      memo: `Deal ${count}`,
      item: { items: [{ item: rig.order['item'] ?? null, quantity: String(seeded.whole(1, 500)), rate: '768' }] },
    },
  }); // prettier-ignore
  const asset = (tenantId: string, n: number): Effect => ({
    connection: 'crm',
    object: 'Asset',
    canonicalId: `asset:${count}:${n}`,
    vendorId: null,
    fields: { Name: `Asset ${count}/${n}`, AccountId: account(tenantId), Product2Id: rig.products[0] ?? '', Quantity: String(seeded.whole(1, 900)), Status: 'Purchased' },
  }); // prettier-ignore
  const updated = (tenantId: string): Effect => {
    const vendorId = account(tenantId);
    return {
      connection: 'crm',
      object: 'Account',
      canonicalId: `account:${vendorId}`,
      vendorId,
      fields: { Trueup_Open_Findings__c: count },
    };
  };
  const remember = (tenantId: string, canonicalId: string): string => {
    made.set(tenantId, [...(made.get(tenantId) ?? []), canonicalId]);
    return canonicalId;
  };
  return {
    next: (tenantId, kind) => {
      count += 1;
      if (kind === 'update') return [updated(tenantId)];
      if (kind === 'collection')
        return Array.from({ length: COLLECTION }, (_, n) => asset(tenantId, n));
      const known = made.get(tenantId) ?? [];
      const isOld = kind === 'upsert' && known.length > 0;
      const id = isOld ? seeded.pick(known) : remember(tenantId, `${seeded.chance(0.5) ? 'order' : 'contract'}:${count}`); // prettier-ignore
      return [id.startsWith('order') ? order(id) : contract(tenantId, id)];
    },
  };
}
