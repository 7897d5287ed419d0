import type { StreamDefinition } from '../../src/sdk/define-connector.ts';

const stream = (name: string, title: string, personalData: boolean): StreamDefinition => ({
  name,
  title,
  cursor: 'full',
  pageSize: 500,
  personalData,
});

export const STREAMS: readonly StreamDefinition[] = [
  stream('hardware', 'Assets', true),
  stream('users', 'People', true),
  stream('licenses', 'Licences', false),
  stream('licenseSeats', 'Licence seats', true),
];

export const FIELDS: Readonly<Record<string, readonly string[]>> = {
  hardware: ['id', 'name', 'asset_tag', 'serial', 'model', 'model_number', 'category', 'manufacturer', 'status_label', 'assigned_to', 'company', 'location', 'purchase_date', 'custom_fields', 'created_at', 'updated_at'],
  users: ['id', 'username', 'name', 'email', 'employee_num', 'activated', 'department', 'company', 'created_at', 'updated_at'],
  licenses: ['id', 'name', 'company', 'manufacturer', 'seats', 'free_seats_count', 'expiration_date', 'purchase_order', 'created_at', 'updated_at'],
  licenseSeats: ['id', 'license_id', 'license_name', 'assigned_user', 'assigned_asset'],
}; // prettier-ignore
