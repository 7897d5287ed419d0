import { NotFoundError } from '../../src/sdk/kernel.ts';
import { ASSET_STREAMS } from './asset-streams.ts';
import type { FileStream } from './file-stream.ts';

const column = (name: string, label: string): FileStream['columns'][number] => ({ name, label });

export const STREAMS: readonly FileStream[] = [
  {
    name: 'employment',
    title: 'Employment spells from HR',
    cursor: 'full',
    pageSize: 500,
    personalData: true,
    key: ['employee_number', 'start_date'],
    columns: [
      column('employee_number', 'Employee number'),
      column('display_name', 'Name'),
      column('work_email', 'Work e-mail'),
      column('start_date', 'First day'),
      column('end_date', 'Last day, inclusive; blank while employed'),
      column('type', 'employee, contractor or temp'),
      column('department', 'Department'),
      column('cost_center', 'Cost centre'),
      column('job_role', 'Role'),
      column('projects', 'Projects, with semicolons between them'),
      column('manager_number', 'Employee number of the manager'),
    ],
  },
  {
    name: 'agreements',
    title: 'Opening balances of paper contracts',
    cursor: 'full',
    pageSize: 500,
    personalData: false,
    key: ['agreement_number', 'sku'],
    columns: [
      column('agreement_number', 'Agreement number'),
      column('publisher', 'Publisher'),
      column('sku', 'Part number'),
      column('product_name', 'Product'),
      column('metric', 'Licence metric'),
      column('quantity', 'Quantity'),
      column('unit_price', 'Price of one'),
      column('currency', 'ISO 4217 currency'),
      column('start_date', 'First day'),
      column('end_date', 'Last day, inclusive'),
      column('notice_days', 'Days of notice'),
      column('auto_renew', 'yes or no'),
      column('renewal_term_months', 'Months of a renewal'),
    ],
  },
  {
    name: 'named-users',
    title: 'Named users that our product reports',
    cursor: 'full',
    pageSize: 500,
    personalData: true,
    key: ['id'],
    columns: [
      column('id', 'Id of the assignment'),
      column('customer', 'CRM account of the customer'),
      column('user', 'User key'),
      column('sku', 'Part number'),
      column('assigned_from', 'First day'),
      column('assigned_to', 'End of the assignment'),
      column('last_active_at', 'Last activity'),
    ],
  },
  ...ASSET_STREAMS,
];

/** The stream of that name. Throws NotFoundError with the names there are. */
export function streamNamed(name: string): FileStream {
  const found = STREAMS.find((stream) => stream.name === name);
  if (found !== undefined) return found;
  const names = STREAMS.map((stream) => stream.name).join(', ');
  throw new NotFoundError(`There is no stream ${name}. A file connection has ${names}.`);
}
