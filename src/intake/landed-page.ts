import type { TenantTx } from '../db/store.ts';
import { textList } from '../db/text-list.ts';
import { insertStaged } from './keep-records.ts';

/** Where a page lands. */
interface Place {
  readonly runId: string;
  readonly connection: string;
  readonly stream: string;
  readonly pageNumber: number;
}

/** What became of a page. */
export interface PageOutcome {
  /** Every record of the page, those that can be read and lost against nobody first. */
  readonly ids: readonly string[];
  /** At the same places, one letter for what became of each. */
  readonly outcomes: readonly string[];
  /** How many of the first ids are no longer in quarantine, whatever was wrong with them before. */
  readonly readable: number;
  /** How many records the connector handed over. */
  readonly given: number;
  /** True if the page holds records that are to be mapped. */
  readonly changed: boolean;
  /** Whether new records wait in the stage, and which of those that wait there are not new. */
  readonly staged: { readonly hasNew: boolean; readonly replaced: readonly string[] };
}

const PAGE = `page as (
    insert into run_page (tenant_id, run_id, stream, page_number, record_ids, outcomes, given, mapped_at, facts)
    values ($1, $4, $3, $6, $5::text[], string_to_array($7, null)::"char"[], $8,
      case when $9::boolean then null else app.clock() end, case when $9::boolean then null else 0 end))`;

const RESOLVED = `update quarantine set status = 'resolved', resolved_at = app.clock()
  where connection = $2 and stream = $3 and stage = 'intake' and mapping_id = '' and status = 'open'
    and record_id = any(($5::text[])[1:$10::int])`;

/**
 * Keeps the new records that wait in the stage, what became of every record of the page, and that those which can be
 * read are in quarantine no longer: all in one statement, because a page that lands pays for each round trip.
 */
export async function notePage(tx: TenantTx, place: Place, page: PageOutcome): Promise<void> {
  const { hasNew, replaced } = page.staged;
  const inserted = hasNew
    ? `inserted as (${insertStaged(replaced.length > 0 ? '$11' : null)}), `
    : '';
  await tx.run(`with ${inserted}${PAGE} ${RESOLVED}`, [
    tx.tenantId,
    place.connection,
    place.stream,
    place.runId,
    textList(page.ids),
    place.pageNumber,
    page.outcomes.join(''),
    page.given,
    page.changed,
    page.readable,
    ...(hasNew && replaced.length > 0 ? [textList(replaced)] : []),
  ]);
}
