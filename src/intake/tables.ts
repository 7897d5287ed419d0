import type { ColumnType, Generated, Selectable } from 'kysely';

/** JSON goes in as text and comes out parsed. */
type Json<T> = ColumnType<T, string, string>;

interface ConnectionTable {
  readonly tenant_id: string;
  readonly id: string;
  readonly connector: string;
  readonly role: 'crm' | 'erp' | 'directory' | 'file' | 'usage' | 'assets';
  readonly config: Json<Record<string, unknown>>;
  readonly mode: Generated<'read-only' | 'read-write'>;
  readonly status: Generated<'unchecked' | 'ok' | 'reauth_required' | 'paused' | 'removed'>;
  readonly allow_private_network: boolean;
  readonly pushed: Generated<boolean>;
  readonly checks: ColumnType<unknown[], string | undefined, string>;
  readonly checked_at: Date | null;
  readonly created_at: Generated<Date>;
}

export type ConnectionRow = Selectable<ConnectionTable>;

export interface IntakeTables {
  connection: ConnectionTable;
}
