import { lineAmount } from '../../kernel/money.ts';

type Shown = string | number | boolean | null | readonly unknown[] | object;

interface Money {
  readonly amount: string;
  readonly currency: string;
}

interface OrderLine {
  readonly skuCode: string;
  readonly quantity: string;
  readonly unitPrice: string;
  readonly serviceFrom: string;
  readonly serviceToInclusive?: string;
  readonly closed?: boolean;
}

interface ShownField {
  readonly field: string;
  readonly label: string | null;
  readonly present: Shown;
  readonly planned: Shown;
  readonly presentName: string | null;
  readonly plannedName: string | null;
}

/** A plan as `/plans/{id}` answers it, as far as its text needs. */
export interface ShownPlan {
  readonly id: string;
  readonly kind: string;
  readonly status: string;
  readonly hash: string;
  readonly approvedBy: string | null;
  readonly body: {
    readonly total: Money | null;
    readonly opportunity: { readonly name: string };
    readonly order?: { readonly currency: string; readonly lines: readonly OrderLine[] } | null;
    readonly entitlements?: readonly { readonly status: string }[];
    readonly reversal?: { readonly bills?: 'less' | 'more' };
    readonly problems: readonly { readonly message: string }[];
    readonly notes: readonly string[];
  };
  readonly changes: {
    readonly readAt: string | null;
    readonly shown: string | null;
    readonly calls: number;
    readonly products: Readonly<Record<string, string>>;
    readonly approver: string | null;
    readonly records: readonly {
      readonly connection: string;
      readonly object: string;
      readonly vendorId: string | null;
      readonly name: string | null;
      readonly does: 'create' | 'update' | 'nothing' | 'unread';
      readonly fields: readonly ShownField[];
    }[];
    readonly unread: readonly { readonly connection: string; readonly object: string; readonly reason: string }[]; // prettier-ignore
  };
  readonly mode: { readonly mode: string; readonly because: string };
  readonly progress: {
    readonly of: number;
    readonly done: number;
    readonly more?: number;
    readonly overtaken?: readonly { readonly connection: string; readonly object: string; readonly why: string }[]; // prettier-ignore
    readonly waiting: readonly { readonly connection: string; readonly object: string; readonly why: string }[]; // prettier-ignore
  } | null;
  readonly problem: { readonly message: string; readonly at: string } | null;
  readonly moved: readonly { readonly path: string; readonly approved: Shown; readonly now: Shown }[] | null; // prettier-ignore
}

const KINDS: Readonly<Record<string, string>> = {
  closed_won: 'Won deal',
  reopen: 'Reopened deal',
  cancellation: 'Cancellation',
  reversal: 'Reversal',
  seats: 'Seats',
};

const MONEY: Readonly<Record<string, string>> = {
  closed_won: 'To be billed',
  reopen: 'No longer to be billed',
};

const DOES = {
  create: 'new',
  update: 'changed',
  nothing: 'as it should be already:',
  unread: 'not read:',
} as const;

/** Plans that nobody decides about any more. */
const ENDED = ['applying', 'applied', 'incomplete', 'stale', 'superseded', 'linked', 'rejected'];

/** A plan as a person in finance reads it: what, how much, what changes from what to what, and what is to be done. Pure. */
export function planText(plan: ShownPlan): string {
  const { body, changes, progress, moved, problem } = plan;
  return [
    `${KINDS[plan.kind] ?? plan.kind}: ${clean(body.opportunity.name)}`,
    `Plan ${plan.id} is ${statusText(plan)}.`,
    ...(body.total === null ? [] : [`${moneyLabel(plan)}: ${moneyText(body.total)}`]),
    ...section('Lines', (body.order?.lines ?? []).map((line) => lineText(line, plan))), // prettier-ignore
    ...section('Rights', rightsText(body.entitlements ?? [])),
    '',
    ...changes.records.flatMap((record) => recordLines(record, body.order?.lines.length ?? null)),
    ...changes.unread.map(({ connection, object, reason }) => `${connection} ${inWords(object)} could not be read: ${reason}`), // prettier-ignore
    ...readText(plan),
    ...section('Problems', body.problems.map(({ message }) => message)), // prettier-ignore
    ...section('Notes', body.notes),
    ...section('Moved since the approval', (moved ?? []).map(({ path, approved, now }) => `${path}: approved ${shown(approved)}, now ${shown(now)}`)), // prettier-ignore
    ...(problem === null ? [] : ['', `Could not be applied when it was last tried, ${problem.at.slice(0, 16).replace('T', ' ')} UTC: ${clean(problem.message)}`]), // prettier-ignore
    ...section('Not done', (progress?.overtaken ?? []).map(({ connection, object, why }) => `${connection} ${inWords(object)}: ${why}`)), // prettier-ignore
    ...section('Waiting', (progress?.waiting ?? []).map(({ connection, object, why }) => `${connection} ${inWords(object)} ${why}`)), // prettier-ignore
    ...((progress?.more ?? 0) === 0 ? [] : [`  and ${progress?.more ?? 0} more that are not done or wait`]), // prettier-ignore
    ...nextStep(plan),
  ]
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n');
}

function moneyLabel({ kind, body }: ShownPlan): string {
  if (kind === 'reversal')
    return body.reversal?.bills === 'more' ? 'To be billed again' : 'No longer to be billed';
  return MONEY[kind] ?? 'At stake';
}

/** `51,174.00 USD` */
function moneyText({ amount, currency }: Money): string {
  const [whole = '', cents] = amount.split('.');
  const grouped = whole.replaceAll(/\B(?=(\d{3})+(?!\d))/g, ',');
  return `${cents === undefined ? grouped : `${grouped}.${cents}`} ${currency}`;
}

function lineText(line: OrderLine, { body, changes }: ShownPlan): string {
  const { skuCode, quantity, unitPrice, serviceFrom, serviceToInclusive: to, closed } = line;
  const currency = body.order?.currency ?? '';
  const name = changes.products[skuCode];
  const product = name === undefined ? skuCode : `${clean(name)} (${skuCode})`;
  const term = to === undefined ? `from ${serviceFrom}` : `${serviceFrom} to ${to}`;
  const amount = moneyText(lineAmount(quantity, unitPrice, currency));
  return `${quantity} × ${product} at ${priceText(unitPrice, currency)}, ${term}: ${amount}${closed === true ? ' (is closed)' : ''}`;
}

/** At the currency's own decimals, or at its own where it has more. */
function priceText(unitPrice: string, currency: string): string {
  const { amount } = lineAmount('1', unitPrice, currency);
  return Number(amount) === Number(unitPrice) ? amount : unitPrice;
}

function rightsText(rights: readonly { readonly status: string }[]): readonly string[] {
  const groups = Map.groupBy(rights, ({ status }) => status);
  return [...groups].map(([status, { length }]) => {
    const [noun, s] = length === 1 ? ['right', 's'] : ['rights', ''];
    if (status === 'draft') return `${length} ${noun}, which start${s} once the order is approved`;
    return `${length} ${noun} become${s} ${status}`;
  });
}

function readText({ status, changes: { readAt, calls } }: ShownPlan): readonly string[] {
  const at = readAt === null ? null : `${readAt.slice(0, 16).replace('T', ' ')} UTC`;
  if (ENDED.includes(status))
    return at === null ? [] : [`What was there before was read at ${at}.`];
  if (at === null) return ['What the systems hold was not read.'];
  return [`What the systems hold was read at ${at}. Applying takes at most ${calls} calls to them.`]; // prettier-ignore
}

function statusText({ status, progress, approvedBy, changes }: ShownPlan): string {
  const by = approvedBy === null ? '' : `, approved by ${clean(changes.approver ?? approvedBy)}`;
  if (progress === null) return `${status}${by}`;
  return `${status}${by}: ${progress.done} of ${progress.of} records are done`;
}

function recordLines(
  { connection, object, vendorId, name, does, fields }: ShownPlan['changes']['records'][number],
  orderLines: number | null,
): readonly string[] {
  const known = name === null ? vendorId : `${clean(name)} (${vendorId ?? ''})`;
  const what = `${DOES[does]} ${inWords(object)}${known === null || does === 'create' ? '' : ` ${known}`}`;
  return [`In ${connection}: ${what}`, ...fields.flatMap((each) => fieldLines(each, does, orderLines)), '']; // prettier-ignore
}

function fieldLines(
  { field, label, present, planned, presentName, plannedName }: ShownField,
  does: string,
  orderLines: number | null,
): readonly string[] {
  const isSaid = label === null || label === field.toLowerCase();
  const title = `  ${isSaid ? field : `${label} (${field})`}:`;
  const isChange = does === 'update';
  if (Array.isArray(planned) && isChange && Array.isArray(present))
    return [`${title} ${countText(present)} -> ${countText(planned)}`, ...changedLines(present, planned)]; // prettier-ignore
  if (Array.isArray(planned)) {
    const before = isChange ? 'nothing -> ' : '';
    // The order's own lines are told above, with names and money.
    if (planned.length === orderLines) return [`${title} ${before}${countText(planned)}, as above`];
    return [`${title} ${before}${countText(planned)}`, ...rowsText(planned)];
  }
  const now = named(planned, plannedName);
  return [isChange ? `${title} ${named(present, presentName)} -> ${now}` : `${title} ${now}`];
}

function named(value: Shown, name: string | null): string {
  return name === null ? shown(value) : `${clean(name)} (${shown(value)})`;
}

function countText(list: readonly unknown[]): string {
  return `${list.length} line${list.length === 1 ? '' : 's'}`;
}

const MOST_ROWS = 20;

function rowsText(list: readonly unknown[]): readonly string[] {
  const rows = list.slice(0, MOST_ROWS).map((each, at) => `    ${at + 1}. ${shown(each)}`);
  return list.length > MOST_ROWS ? [...rows, `    and ${list.length - MOST_ROWS} more`] : rows;
}

/** What becomes another in lines that stay in their places; all lines where their number is another. */
function changedLines(present: readonly unknown[], planned: readonly unknown[]): readonly string[] {
  if (present.length !== planned.length) return rowsText(planned);
  return planned.flatMap((line, at) => {
    const before = new Map(leavesOf(present[at]));
    const leaves = leavesOf(line);
    const named = [...leaves, ...before].find(
      ([, value]) => typeof value === 'string' && /[a-z]/i.test(value),
    );
    const name = named?.[1];
    const changed = leaves.filter(([path, value]) => !isSame(before.get(path), value));
    const words = changed.map(([path, value]) => `${inWords(path)} ${shown(before.get(path))} -> ${shown(value)}`); // prettier-ignore
    return words.length === 0 ? [] : [`    ${at + 1}. ${name === undefined ? '' : `${shown(name)}: `}${words.join(', ')}`]; // prettier-ignore
  });
}

function leavesOf(value: unknown, path = ''): readonly (readonly [string, unknown])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[path, value]];
  return Object.entries(value).flatMap(([name, inner]) =>
    leavesOf(inner, path === '' ? name : `${path}.${name}`),
  );
}

function isSame(before: unknown, after: unknown): boolean {
  const [left, right] = [shown(before), shown(after)];
  const isFigure = /^-?\d/.test(left) && Number(left) === Number(right);
  // A flag that a system leaves out is not set.
  return left === right || isFigure || (left === 'nothing' && after === false);
}

/** `salesOrder` is `sales order`, `custcol_trueup_service_end` is `service end`. */
function inWords(name: string): string {
  const plain = name.replaceAll(/\b(custcol|custbody|custentity|custrecord)_|trueup_|__c\b/gi, '');
  const words = plain.replaceAll('_', ' ').replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2');
  return words.toLowerCase();
}

function clean(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ');
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `  ${line}`)];
}

/** A value in words: of a list how many. */
function shown(value: unknown): string {
  if (value === null || value === undefined || value === '') return 'nothing';
  if (Array.isArray(value)) return countText(value);
  if (typeof value === 'object')
    return leavesOf(value)
      .map(([path, inner]) => `${inWords(path)} ${shown(inner)}`)
      .join(', ');
  return clean(typeof value === 'string' ? value : JSON.stringify(value));
}

function nextStep({ id, hash, status, mode, changes }: ShownPlan): readonly string[] {
  const held = mode.mode === 'write' ? [] : [`Not applied while ${mode.because} is set to ${mode.mode}: trueup modes list`]; // prettier-ignore
  const steps: Readonly<Record<string, string>> = {
    waiting: `To approve exactly this: trueup plans approve ${id} --hash ${hash}${changes.shown === null ? '' : ` --shown ${changes.shown}`}`,
    approved: `To apply it: trueup plans apply ${id}`,
    applying: `After the cause is mended: trueup plans resume ${id}`,
    applied: `To take it back: trueup plans reverse ${id}`,
    incomplete: `To take back what it did: trueup plans reverse ${id}`,
  };
  const step = steps[status];
  return ['', ...held, ...(step === undefined ? [] : [step])];
}
