import { appendAudit } from '../audit/audit-log.ts';
import type { TenantTx } from '../db/store.ts';
import { hashJson } from '../kernel/hash.ts';
import { waitingRules, type RulesRequest } from '../mapping/rules-requests.ts';
import { companySetting, saveSetting, type MappingRules } from './company-settings.ts';

/** How mappings come into effect, with what is being asked for and what a person has to know. */
export interface MappingRulesView extends MappingRules {
  /** A request to loosen them that waits for another administrator. */
  readonly pending: Pick<RulesRequest, 'id' | 'rules' | 'requestedBy' | 'requestedAt'> | null;
  readonly notice: string | null;
  /** The version tag: a change names the one that was read. */
  readonly tag: string;
}

/** The version tag of rules. */
export function rulesTag(rules: MappingRules): string {
  return hashJson({ secondPerson: rules.secondPerson }).slice(0, 32);
}

/** The rules as they are now. */
export async function rulesNow(
  tx: TenantTx,
  notice: string | null = null,
): Promise<MappingRulesView> {
  const rules = await companySetting(tx, 'mappings');
  const waiting = await waitingRules(tx);
  const pending =
    waiting === null
      ? null
      : {
          id: waiting.id,
          rules: waiting.rules,
          requestedBy: waiting.requestedBy,
          requestedAt: waiting.requestedAt,
        };
  return { ...rules, pending, notice, tag: rulesTag(rules) };
}

/** Puts rules in effect; the audit tells what they were before, and why nobody else had to agree where that is so. */
export async function applyRules(
  tx: TenantTx,
  rules: MappingRules,
  actor: string,
  details: Readonly<Record<string, string>> = {},
): Promise<void> {
  const before = await saveSetting(tx, 'mappings', rules, actor);
  await appendAudit(tx, {
    actor,
    action: 'mapping_rules.changed',
    subject: { type: 'settings', id: 'mappings' },
    details: { before, after: rules, ...details },
  });
}
