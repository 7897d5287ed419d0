import type { ColumnType, Generated, Selectable } from 'kysely';
import type { JsonObject } from '../kernel/hash.ts';

/** JSON goes in as text and comes out parsed. */
type JsonText<T> = ColumnType<T, string, string>;

interface MappingVersionTable {
  readonly tenant_id: string;
  readonly mapping_id: string;
  readonly version: number;
  readonly direction: 'inbound' | 'outbound';
  readonly system: string;
  readonly object: string;
  readonly document: JsonText<JsonObject>;
  readonly source_text: string;
  readonly hash: string;
  readonly status: 'published' | 'retired';
  readonly published_at: Generated<Date>;
  readonly published_by: string;
  readonly retired_at: Date | null;
  readonly change_id: string | null;
  readonly note: Generated<string>;
  readonly rolled_back_to: number | null;
}

export type MappingVersionRow = Selectable<MappingVersionTable>;

interface LookupTable {
  readonly tenant_id: string;
  readonly name: string;
  readonly updated_at: Generated<Date>;
  readonly updated_by: string;
}

export interface MappingTables {
  mapping_version: MappingVersionTable;
  lookup: LookupTable;
}
