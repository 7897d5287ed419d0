import type { TenantTx } from '../db/store.ts';
import { NotFoundError } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import type { Certificate } from './certificate.ts';

/** A certificate as it is kept, with the read that it is about. It outlives the rows of its run. */
export interface StoredCertificate extends Certificate {
  readonly id: string;
  readonly runId: string;
  readonly connection: string;
  readonly madeAt: Date;
}

/** Keeps the certificate of a stream of a run. Certificates are never changed. */
export async function saveCertificate(
  tx: TenantTx,
  { runId, connection }: { readonly runId: string; readonly connection: string },
  made: Certificate,
): Promise<void> {
  await tx.run(
    `insert into certificate (tenant_id, id, run_id, connection, stream, window_from, window_to, method, source_count,
       distinct_ids, moved_out, missing_count, missing_ids, stale_count, stale_ids, caught_late, removed,
       held, hold_id, caveats, closed)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`,
    [
      tx.tenantId,
      newId('crt'),
      runId,
      connection,
      made.stream,
      made.from,
      made.to,
      made.method,
      made.sourceCount,
      made.distinctIds,
      made.movedOut,
      made.missingCount,
      [...made.missingIds],
      made.staleCount,
      [...made.staleIds],
      made.caughtLate,
      made.removed,
      made.held,
      made.holdId,
      [...made.caveats],
      made.closed,
    ],
  );
}

const COLUMNS = `c.id, c.run_id as "runId", c.connection, c.stream, c.window_from as "from", c.window_to as "to", c.method,
  c.source_count as "sourceCount", c.distinct_ids as "distinctIds", c.moved_out as "movedOut",
  c.missing_count as "missingCount", c.missing_ids as "missingIds", c.stale_count as "staleCount",
  c.stale_ids as "staleIds", c.caught_late as "caughtLate", c.removed, c.held,
  c.hold_id as "holdId", c.caveats, c.closed, c.made_at as "madeAt"`;

export interface CertificateFilter {
  readonly connection?: string | undefined;
  readonly stream?: string | undefined;
  /** `caveats`: closed, but with something that could not be proven; `none`: of windows that could not be counted. */
  readonly closed?: 'yes' | 'caveats' | 'no' | 'none' | undefined;
  /** Only those made before this one. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** How a certificate stands, in SQL, in the words of the filter. */
const STANDS = `case when c.closed is null then 'none' when not c.closed then 'no'
  when cardinality(c.caveats) > 0 then 'caveats' else 'yes' end`;

/** Certificates, newest first. */
export async function listCertificates(
  tx: TenantTx,
  { connection, stream, closed, before, limit }: CertificateFilter,
): Promise<readonly StoredCertificate[]> {
  return tx.sql<StoredCertificate>(
    `select ${COLUMNS} from certificate c
     where ($1::text is null or c.connection = $1) and ($2::text is null or c.stream = $2)
       and ($3::text is null or ${STANDS} = $3)
       and ($4::text is null or c.id < $4) order by c.id desc limit $5`,
    [connection ?? null, stream ?? null, closed ?? null, before ?? null, limit],
  );
}

/** One certificate. Throws NotFoundError. */
export async function getCertificate(tx: TenantTx, id: string): Promise<StoredCertificate> {
  const [row] = await tx.sql<StoredCertificate>(
    `select ${COLUMNS} from certificate c where c.id = $1`,
    [id],
  );
  if (row !== undefined) return row;
  throw new NotFoundError(
    `There is no certificate "${id}". \`trueup certificates list\` shows those there are.`,
  );
}
