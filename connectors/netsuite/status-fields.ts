import { STATUS_MESSAGE_LENGTH, type StatusWriter } from '../../src/sdk/define-connector.ts';

/** One field of the second package, which nobody needs but who wants to see a status at the record. */
export interface StatusField {
  readonly name: string;
  readonly label: string;
  readonly help: string;
  readonly maxLength: number;
}

const FIELDS = {
  status: 'custbody_trueup_status',
  message: 'custbody_trueup_message',
  link: 'custbody_trueup_link',
} as const;

export const STATUS_FIELDS: readonly StatusField[] = [
  { name: FIELDS.status, label: 'Trueup status', help: 'Where this transaction stands in Trueup, in a word.', maxLength: 80 },
  { name: FIELDS.message, label: 'Trueup message', help: 'What Trueup waits for or has done, for people.', maxLength: STATUS_MESSAGE_LENGTH },
  { name: FIELDS.link, label: 'Trueup link', help: 'Where to look in Trueup.', maxLength: 255 },
]; // prettier-ignore

/** Where finance looks first. */
export const SHOWS: readonly StatusWriter[] = [
  // One HTTP call a record, as the orders themselves.
  { object: 'salesOrder.status', of: 'salesOrder', batch: 20, oneByOne: true, fields: FIELDS },
];

/** The XML of one field's object file. */
export function statusFieldXml({ name, label, help, maxLength }: StatusField): string {
  return `<transactionbodycustomfield scriptid="${name}">
  <accesslevel>2</accesslevel>
  <bodysale>T</bodysale>
  <displaytype>NORMAL</displaytype>
  <fieldtype>TEXT</fieldtype>
  <help>${help}</help>
  <ismandatory>F</ismandatory>
  <label>${label}</label>
  <maxlength>${maxLength}</maxlength>
  <searchlevel>2</searchlevel>
  <storevalue>T</storevalue>
</transactionbodycustomfield>
`;
}
