import type { TenantTx } from '../db/store.ts';
import type { RefusedFact } from './fact.ts';
import { cyclicEdges, type TreeEdge } from './organization-tree.ts';

interface StagedEdge extends TreeEdge {
  readonly factId: string | null;
  readonly recordId: string;
}

/**
 * Takes edges that would close a cycle out of the staged facts: the tree of organisations stays acyclic (rule b.2).
 * What stands keeps its place; of several new edges the later references are refused.
 */
export async function refuseCycles(
  tx: TenantTx,
  connection: string,
  table: string,
): Promise<readonly RefusedFact[]> {
  const staged = await tx.sql<StagedEdge>(
    `select s.fact_id as "factId", s.record_id as "recordId", s.external_ref as ref,
       s.body->>'parentRef' as "parentRef", s.body->>'childRef' as "childRef"
     from ${table} s where s.noun = 'organizationRelationship'`,
  );
  if (staged.length === 0) return [];
  const standing = await tx.sql<TreeEdge>(
    `select f.external_ref as ref, f.body->>'parentRef' as "parentRef", f.body->>'childRef' as "childRef" from fact f
     where f.noun = 'organizationRelationship' and f.connection = $1 and f.recorded_to = 'infinity'
       and not exists (select from ${table} s where s.noun = f.noun and s.external_ref = f.external_ref)`,
    [connection],
  );
  const refs = new Set(cyclicEdges(standing, staged).map((edge) => edge.ref));
  const refused = staged.filter((edge) => refs.has(edge.ref));
  if (refused.length === 0) return [];
  await tx.run(`delete from ${table} s where s.fact_id = any($1)`, [
    refused.map((edge) => edge.factId),
  ]);
  return refused.map((edge) => ({
    recordId: edge.recordId,
    noun: 'organizationRelationship',
    externalRef: edge.ref,
    code: 'organization_cycle',
    reason: `${edge.childRef} would be below ${edge.parentRef}, which is below it already. Correct the parent of one of them at the source.`,
  }));
}
