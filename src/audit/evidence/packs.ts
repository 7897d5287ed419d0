import type { TenantTx } from '../../db/store.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import type { Redaction } from './pack-shape.ts';

/** A pack as it is listed. */
export interface SavedPack {
  readonly id: string;
  readonly runId: string;
  readonly cycleId: string | null;
  readonly redaction: Redaction;
  readonly publisher: string | null;
  readonly country: string | null;
  readonly sha256: string;
  readonly size: number;
  readonly createdBy: string;
  readonly createdAt: Date;
}

const COLUMNS = `p.id, p.run_id as "runId", p.cycle_id as "cycleId", p.redaction, p.publisher, p.country, p.sha256,
  length(p.content) as size, p.created_by as "createdBy", p.created_at as "createdAt"`;

/** Keeps a pack. */
export async function savePack(
  tx: TenantTx,
  pack: Omit<SavedPack, 'id' | 'size' | 'createdAt'>,
  content: Uint8Array,
): Promise<SavedPack> {
  const id = newId('evp');
  await tx.run(
    `insert into evidence_pack (tenant_id, id, run_id, cycle_id, redaction, publisher, country, sha256, content, created_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      tx.tenantId,
      id,
      pack.runId,
      pack.cycleId,
      pack.redaction,
      pack.publisher,
      pack.country,
      pack.sha256,
      Buffer.from(content),
      pack.createdBy,
    ],
  );
  return await getPack(tx, id);
}

/** The packs that were built, newest first. */
export async function listPacks(
  tx: TenantTx,
  { before, limit }: { readonly before?: string | undefined; readonly limit: number },
): Promise<readonly SavedPack[]> {
  return await tx.sql<SavedPack>(
    `select ${COLUMNS} from evidence_pack p where ($1::text is null or p.id < $1) order by p.id desc limit $2`,
    [before ?? null, limit],
  );
}

/** The pack of exactly these bytes, or null. */
export async function packOfBytes(tx: TenantTx, sha256: string): Promise<SavedPack | null> {
  const [pack] = await tx.sql<SavedPack>(
    `select ${COLUMNS} from evidence_pack p where p.sha256 = $1 order by p.id limit 1`,
    [sha256],
  );
  return pack ?? null;
}

/** One pack. Throws NotFoundError for an id that this company does not have. */
export async function getPack(tx: TenantTx, id: string): Promise<SavedPack> {
  const [pack] = await tx.sql<SavedPack>(`select ${COLUMNS} from evidence_pack p where p.id = $1`, [
    id,
  ]);
  if (pack !== undefined) return pack;
  throw new NotFoundError(`There is no evidence pack "${id}". See \`trueup evidence list\`.`);
}

/** The bytes of a pack. Throws NotFoundError. */
export async function packContent(tx: TenantTx, id: string): Promise<Uint8Array> {
  await getPack(tx, id);
  const [row] = await tx.sql<{ content: Buffer }>(
    `select p.content from evidence_pack p where p.id = $1`,
    [id],
  );
  return row?.content ?? new Uint8Array();
}
