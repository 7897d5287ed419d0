import type { TenantTx } from '../db/store.ts';

/** From the most careful on. `observe`: only shown. `propose`: plans wait and none is applied. `write`: as usual. */
export const WRITE_MODES = ['observe', 'propose', 'write'] as const;
export type WriteMode = (typeof WRITE_MODES)[number];

export const MODE_SCOPES = ['connection', 'agreement', 'product'] as const;
export type ModeScope = (typeof MODE_SCOPES)[number];

/** How far one connection, agreement (the CRM's id of it) or product (its SKU) goes. */
export interface ModeSetting {
  readonly scope: ModeScope;
  readonly ref: string;
  readonly mode: WriteMode;
  readonly reason: string | null;
  readonly setBy: string;
  readonly setAt: Date;
}

/** What the mode of an effect is asked of. */
export interface ModeSubject {
  readonly connection: string;
  readonly agreement: string | null;
  readonly products: readonly string[];
}

/** A mode and what says so: `product SKU-1`; nothing set is `write`. */
export interface ModeVerdict {
  readonly mode: WriteMode;
  readonly because: string;
}

const COLUMNS = `m.scope, m.ref, m.mode, m.reason, m.set_by as "setBy", m.set_at as "setAt"`;

/** Every setting, by scope and reference. */
export async function listModes(tx: TenantTx): Promise<readonly ModeSetting[]> {
  return tx.sql<ModeSetting>(`select ${COLUMNS} from write_mode m order by m.scope, m.ref`);
}

/** Sets a mode; null takes the setting away. Returns what it was before, or null. */
export async function saveMode(
  tx: TenantTx,
  given: Pick<ModeSetting, 'scope' | 'ref' | 'reason' | 'setBy'> & {
    readonly mode: WriteMode | null;
  },
): Promise<WriteMode | null> {
  const { scope, ref, mode, reason, setBy } = given;
  const [before] = await tx.sql<{ mode: WriteMode }>(
    `select m.mode from write_mode m where m.scope = $1 and m.ref = $2 for update`,
    [scope, ref],
  );
  if (mode === null)
    await tx.run(`delete from write_mode m where m.scope = $1 and m.ref = $2`, [scope, ref]);
  else
    await tx.run(
      `insert into write_mode (tenant_id, scope, ref, mode, reason, set_by) values ($1, $2, $3, $4, $5, $6)
       on conflict (tenant_id, scope, ref) do update set mode = excluded.mode, reason = excluded.reason,
         set_by = excluded.set_by, set_at = app.clock()`,
      [tx.tenantId, scope, ref, mode, reason, setBy],
    );
  return before?.mode ?? null;
}

/**
 * How far an effect goes. The narrowest setting wins: an agreement or a product before the connection. Of several that
 * are equally narrow (two products, or a product and an agreement, of which neither holds the other) the most careful
 * wins. Pure.
 */
export function modeOf(
  settings: readonly Pick<ModeSetting, 'scope' | 'ref' | 'mode'>[],
  { connection, agreement, products }: ModeSubject,
): ModeVerdict {
  const named = (scope: ModeScope, ref: string | null): ModeVerdict | null => {
    const found = settings.find((each) => each.scope === scope && each.ref === ref);
    return found === undefined ? null : { mode: found.mode, because: `${scope} ${found.ref}` };
  };
  const wide = named('connection', connection) ?? { mode: 'write', because: 'nothing is set' };
  const ofAgreement = named('agreement', agreement);
  if (products.length === 0) return ofAgreement ?? wide;
  const ofProducts = products.map((sku) => {
    const own = named('product', sku);
    if (own === null) return ofAgreement ?? wide;
    return ofAgreement === null ? own : mostCareful([own, ofAgreement]);
  });
  return mostCareful(ofProducts);
}

/** The most careful of some verdicts; `write` of none. Pure. */
export function mostCareful(verdicts: readonly ModeVerdict[]): ModeVerdict {
  return verdicts.reduce(
    (least, each) =>
      WRITE_MODES.indexOf(each.mode) < WRITE_MODES.indexOf(least.mode) ? each : least,
    verdicts[0] ?? { mode: 'write', because: 'nothing is set' },
  );
}
