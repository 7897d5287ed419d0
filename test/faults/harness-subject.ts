import { verifyAudit } from '../../src/app/flows/verify-audit.ts';
import type { Harness } from '../support/flow-harness.ts';
import { canaryOf, type Subject } from './program.ts';
import { WATCHED } from './watched-stream.ts';

/** The CRM of a program that runs in this process, for the invariants. */
export function subjectOf({ deps, caller, twins }: Harness, streams: readonly string[]): Subject {
  return {
    store: deps.store,
    tenantId: caller.tenantId,
    connection: 'crm',
    watched: streams.map((stream) => WATCHED.salesforce(stream)),
    twin: twins.salesforce,
    verifyAudit: async () => {
      const checked = await verifyAudit(deps, caller);
      return checked.ok ? null : JSON.stringify(checked);
    },
    canaries: Object.values(twins.salesforce.running.credentials.secrets).map(canaryOf),
    folder: null,
    said: [],
  };
}
