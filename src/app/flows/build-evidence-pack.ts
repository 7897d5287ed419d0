import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { appendAudit } from '../../audit/audit-log.ts';
import { buildPack } from '../../audit/evidence/build-pack.ts';
import { packFiles } from '../../audit/evidence/pack-files.ts';
import { Redaction, sha256Hex, type PackManifest } from '../../audit/evidence/pack-shape.ts';
import { packOfBytes, savePack, type SavedPack } from '../../audit/evidence/packs.ts';
import { redactTable } from '../../audit/evidence/table.ts';
import { CountryCode } from '../../canonical/fields.ts';
import { HubError } from '../../kernel/errors.ts';
import type { Caller } from '../../security/caller.ts';
import { auditSigner } from '../audit-signer.ts';
import type { Deps } from '../deps.ts';
import { evidenceTables } from '../evidence/evidence-tables.ts';
import { gatherEvidence, type Gathered } from '../evidence/gather-evidence.ts';
import { packSeed, pseudonymsOf } from '../evidence/pack-keys.ts';
import { summarySections } from '../evidence/summary-sections.ts';
import { sealTenant } from '../seal-audits.ts';

const Cut = {
  redaction: Redaction.default('none'),
  publisher: z.string().min(1).max(255).nullable().default(null),
  country: CountryCode.nullable().default(null),
};

/** A pack that is asked for: of a cycle's present figures, or of a run. */
export const NewPack = z.union([
  z.strictObject({ cycleId: z.string().min(1).max(100), ...Cut }),
  z.strictObject({ runId: z.string().min(1).max(100), ...Cut }),
]);
export type NewPack = z.infer<typeof NewPack>;

/** The audit seals what is 5 seconds old: so often, a second apart, a pack of what was just signed waits for it. */
const TRIES = 10;
const PAUSE_MS = 1_000;

/**
 * Builds a signed evidence pack and keeps it. The same cycle, cut and redaction give the same bytes, and then the pack that was
 * kept before is given. Throws NotFoundError, ValidationError for a cut that leaves nothing, StaleError for a run that no longer
 * comes out as it did, and HubError `audit_broken` when the audit log was touched.
 */
export async function buildEvidencePack(
  deps: Deps,
  caller: Caller,
  asked: NewPack,
): Promise<SavedPack> {
  const { tenantId } = caller;
  const gathered = await gatherSealed(deps, tenantId, asked);
  const { about, bytes } = await bytesOf(deps, tenantId, gathered, asked);
  const sha256 = sha256Hex(bytes);
  return await deps.store.withTenant(tenantId, async (tx) => {
    const known = await packOfBytes(tx, sha256);
    if (known !== null) return known;
    const { runId, cycleId, redaction, publisher, country } = about;
    const kept = { runId, cycleId, redaction, publisher, country, sha256 };
    const pack = await savePack(tx, { ...kept, createdBy: caller.personId }, bytes);
    const subject = { type: 'evidence_pack', id: pack.id };
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'evidence.built',
      subject,
      details: kept,
    });
    return pack;
  });
}

async function gatherSealed(deps: Deps, tenantId: string, asked: NewPack): Promise<Gathered> {
  const signer = await auditSigner(deps.kek);
  for (let tries = 1; ; tries += 1) {
    await sealTenant(deps, tenantId, signer, { full: false });
    try {
      return await deps.store.readTenant(tenantId, (tx) => gatherEvidence(deps, tx, asked, asked));
    } catch (error) {
      const early = error instanceof HubError && error.code === 'audit_unsealed';
      if (!early || tries === TRIES) throw error;
    }
    await sleep(PAUSE_MS);
  }
}

async function bytesOf(deps: Deps, tenantId: string, gathered: Gathered, asked: NewPack) {
  const { run, cycle, audit, cut } = gathered;
  const { redaction, publisher, country } = asked;
  const about: Omit<PackManifest, 'format' | 'files'> = {
    tenant: tenantId,
    runId: run.id,
    cycleId: cycle?.id ?? null,
    asOf: run.asOf,
    knownAt: run.knownAt,
    inputHash: run.inputHash,
    resultHash: run.resultHash,
    statementHash: cycle?.statementHash ?? null,
    ruleVersions: { ...run.ruleVersions },
    ruleSets: { ...run.ruleSets },
    factorTables: { ...run.factorTables },
    redaction,
    publisher,
    country,
    auditPublicKey: (await auditSigner(deps.kek)).publicKey,
  };
  const pseudonym = await pseudonymsOf(deps.kek, tenantId);
  const tables = evidenceTables(gathered).map((table) => redactTable(table, redaction, pseudonym));
  const all = cut.whole && redaction === 'none';
  const files = await packFiles({
    title: `Licence evidence of ${tenantId}, ${run.asOf}`,
    summary: summarySections(about, cycle, tables),
    tables,
    statement: redaction === 'none' && publisher === null && country === null ? (cycle?.statement ?? null) : null, // prettier-ignore
    audit: all ? audit : null,
  });
  return { about, bytes: buildPack(about, files, await packSeed(deps.kek)) };
}
