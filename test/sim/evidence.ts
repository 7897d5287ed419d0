import type { TenantTx } from '../../src/db/store.ts';
import { count, type Happening, type Tally } from './happenings.ts';

interface Found {
  readonly what: Happening;
  readonly n: number;
}

/** What the books show to have happened, beside what the simulator itself saw. */
export async function countEvidence(tx: TenantTx, system: string, tally: Tally): Promise<void> {
  const rows = await tx.sql<Found>(
    `select case i.kind when 'gap' then 'gaps heard' when 'overflow' then 'overflows heard'
       when 'expired' then 'expired places' else 'changes heard' end as what, count(*)::int as n
     from inbox i where i.source = 'event' and i.event_id not like 'joined/%' group by 1
     union all
     select 'reads that a hint asked for', count(*)::int from run where trigger = 'hook'
     union all
     select 'NetSuite deletions landed', count(*)::int from source_record r where r.deleted and $1 = 'netsuite'`,
    [system],
  );
  for (const { what, n } of rows) if (n > 0) count(tally, what, n);
}
