import { evidenceTables } from '../../src/app/evidence/evidence-tables.ts';
import { buildPack } from '../../src/audit/evidence/build-pack.ts';
import { packFiles } from '../../src/audit/evidence/pack-files.ts';
import type { PackManifest } from '../../src/audit/evidence/pack-shape.ts';
import { verifyPack } from '../../src/audit/evidence/verify-pack.ts';
import { keysFromSeed } from '../../src/audit/head.ts';
import { reconcile } from '../../src/licensing/reconcile.ts';
import { snapshotOf } from '../../src/licensing/snapshot.ts';
import { customerSeat, entitlement, grant, KNOWN_AT, metrics, sku } from '../support/licensing-facts.ts'; // prettier-ignore
import { timed, type BenchRow } from './measure.ts';

/** So many customers with an entitlement, a grant, a position and six seats each, and findings beside: 50,000 rows and more. */
const CUSTOMERS = 5_500;
const SEATS = 6;
const LEAST_ROWS = 50_000;
const MOST_MS = 20_000;
const DAY = '2026-03-02';

/** The milliseconds from a run's frozen facts to a signed pack of 50,000 rows: figures, tables, CSV, JSON, XLSX, PDF, ZIP. */
export async function bench(): Promise<BenchRow> {
  const seed = Buffer.alloc(32, 7);
  const owners = Array.from({ length: CUSTOMERS }, (_, at) => `001${at}`);
  const snapshot = snapshotOf(DAY, KNOWN_AT, {
    skus: [sku('CORE', 'named_user')],
    entitlements: owners.map((ownerRef) => entitlement(`e-${ownerRef}`, { ownerRef, unitPrice: '10', currency: 'EUR' })), // prettier-ignore
    transactions: owners.map((owner) => grant(`e-${owner}`, '4', '2026-01-01')),
    seats: owners.flatMap((owner) => Array.from({ length: SEATS }, (_, at) => customerSeat(`user-${owner}-${at}`, owner))), // prettier-ignore
  });
  let rows = 0;
  let pack = new Uint8Array();
  const ours = await timed(async () => {
    const reconciliation = reconcile(snapshot, metrics);
    const tables = evidenceTables({
      runId: 'rec_1', snapshot, reconciliation, cycle: null, audit: { rows: [], head: null },
      papers: { agreementDocuments: [], activations: [], purchaseOrders: [], purchaseOrderLines: [] },
      cut: { whole: true, line: () => true, finding: () => true },
    }); // prettier-ignore
    rows = tables.reduce((sum, table) => sum + table.rows.length, 0);
    const about: Omit<PackManifest, 'format' | 'files'> = {
      tenant: 'acme', runId: 'rec_1', cycleId: null, asOf: DAY, knownAt: KNOWN_AT, inputHash: reconciliation.inputHash, resultHash: reconciliation.resultHash,
      statementHash: null, ruleVersions: {}, ruleSets: {}, factorTables: {}, redaction: 'none', publisher: null, country: null, auditPublicKey: keysFromSeed(seed).publicKey,
    }; // prettier-ignore
    const summary = [{ title: 'Positions', lines: [`${rows} rows`] }];
    const files = await packFiles({ title: 'Evidence', summary, tables, statement: null, audit: null }); // prettier-ignore
    pack = Buffer.from(buildPack(about, files, seed));
  });
  if (rows < LEAST_ROWS) throw new Error(`The pack has ${rows} rows.`);
  const { fault } = await verifyPack(pack, keysFromSeed(seed).publicKey);
  if (fault !== null) throw new Error(fault.message);
  const details = { rows, megabytes: Math.round(pack.length / 1e6) };
  return { name: 'pack', ours, floor: MOST_MS, unit: 'ms', better: 'less', goal: 1, details };
}
