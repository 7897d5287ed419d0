import type { StatusWriter } from '../../src/sdk/define-connector.ts';
import { STATUS_MESSAGE_LENGTH } from '../../src/sdk/define-connector.ts';
import type { PackageField } from './package-fields.ts';

const FIELDS = { status: 'Trueup_Status__c', message: 'Trueup_Message__c', link: 'Trueup_Link__c' };
/** A collection holds at most 200 records. */
const BATCH = 200;

const show = (of: string): StatusWriter => ({ object: `${of}.status`, of, batch: BATCH, fields: FIELDS }); // prettier-ignore

/** Where sales looks first. */
export const SHOWS: readonly StatusWriter[] = [
  { ...show('Opportunity'), deals: true },
  show('Contract'),
];

const text = (object: string, name: string, label: string, length: number, description: string): PackageField => ({ object, name, label, description, type: 'Text', length, scale: null, externalId: false }); // prettier-ignore

/** The fields of the second package, which nobody needs but who wants to see a status at the record. */
export const STATUS_FIELDS: readonly PackageField[] = SHOWS.flatMap(({ of }) => [
  text(of, FIELDS.status, 'Trueup Status', 80, 'Where this record stands in Trueup, in a word.'),
  text(of, FIELDS.message, 'Trueup Message', STATUS_MESSAGE_LENGTH, 'What Trueup waits for or has done, for people.'),
  text(of, FIELDS.link, 'Trueup Link', 255, 'Where to look in Trueup.'),
]); // prettier-ignore
