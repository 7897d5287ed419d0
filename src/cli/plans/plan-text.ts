type Shown = string | number | boolean | null | readonly unknown[] | object;

interface Money {
  readonly amount: string;
  readonly currency: string;
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
    readonly problems: readonly { readonly message: string }[];
    readonly notes: readonly string[];
  };
  readonly changes: {
    readonly readAt: string | null;
    readonly calls: number;
    readonly records: readonly {
      readonly connection: string;
      readonly object: string;
      readonly vendorId: string | null;
      readonly does: 'create' | 'update' | 'nothing' | 'unread';
      readonly fields: readonly {
        readonly field: string;
        readonly present: Shown;
        readonly planned: Shown;
      }[];
    }[];
    readonly unread: readonly { readonly connection: string; readonly object: string; readonly reason: string }[]; // prettier-ignore
  };
  readonly mode: { readonly mode: string; readonly because: string };
  readonly progress: {
    readonly of: number;
    readonly done: number;
    readonly waiting: readonly { readonly connection: string; readonly object: string; readonly why: string }[]; // prettier-ignore
  } | null;
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
  reversal: 'No longer to be billed',
};

const DOES = {
  create: 'new record',
  update: 'changed record',
  nothing: 'is as it should be',
  unread: 'not read',
} as const;

/** A plan as a person in finance reads it: what, how much, what changes from what to what, and what is to be done. Pure. */
export function planText(plan: ShownPlan): string {
  const { body, changes, progress, moved } = plan;
  const money = body.total;
  return [
    `${KINDS[plan.kind] ?? plan.kind}: ${body.opportunity.name}`,
    `Plan ${plan.id} is ${statusText(plan)}.`,
    ...(money === null
      ? []
      : [`${MONEY[plan.kind] ?? 'At stake'}: ${money.amount} ${money.currency}`]),
    '',
    ...changes.records.flatMap(recordLines),
    ...changes.unread.map(({ connection, object, reason }) => `${connection} ${object} could not be read: ${reason}`), // prettier-ignore
    changes.readAt === null
      ? 'What the systems hold was not read.'
      : `What the systems hold was read at ${changes.readAt}. Applying takes at most ${changes.calls} calls.`,
    ...section(
      'Problems',
      body.problems.map(({ message }) => message),
    ),
    ...section('Notes', body.notes),
    ...section('Moved since the approval', (moved ?? []).map(({ path, approved, now }) => `${path}: approved ${shown(approved)}, now ${shown(now)}`)), // prettier-ignore
    ...section('Waiting', (progress?.waiting ?? []).map(({ connection, object, why }) => `${connection} ${object} ${why}`)), // prettier-ignore
    ...nextStep(plan),
  ].join('\n');
}

function statusText({ status, progress, approvedBy }: ShownPlan): string {
  const by = approvedBy === null ? '' : `, approved by ${approvedBy}`;
  if (progress === null) return `${status}${by}`;
  return `${status}${by}: ${progress.done} of ${progress.of} records are done`;
}

function recordLines({
  connection,
  object,
  vendorId,
  does,
  fields,
}: ShownPlan['changes']['records'][number]): readonly string[] {
  const name = vendorId === null ? '' : ` ${vendorId}`;
  const lines = fields.map(({ field, present, planned }) =>
    does === 'update'
      ? `  ${field}: ${shown(present)} -> ${shown(planned)}`
      : `  ${field}: ${shown(planned)}`,
  );
  return [`${connection} ${object}${name} (${DOES[does]})`, ...lines, ''];
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `  ${line}`)];
}

const MOST_PARTS = 4;

/** A value in words: of a list how many, and its first ones. */
function shown(value: unknown): string {
  if (value === null || value === undefined || value === '') return 'nothing';
  if (Array.isArray(value)) {
    const parts = value.slice(0, MOST_PARTS).map((each) => `[${shown(each)}]`);
    return `${value.length} line${value.length === 1 ? '' : 's'} ${parts.join(' ')}${value.length > MOST_PARTS ? ' …' : ''}`;
  }
  if (typeof value === 'object')
    return Object.entries(value)
      .map(([name, inner]) => `${name} ${shown(inner)}`)
      .join(', ');
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.replaceAll(/\p{Cc}/gu, ' ');
}

function nextStep({ id, hash, status, mode }: ShownPlan): readonly string[] {
  const held = mode.mode === 'write' ? [] : [`Not applied while ${mode.because} is set to ${mode.mode}: trueup modes list`]; // prettier-ignore
  const steps: Readonly<Record<string, string>> = {
    waiting: `To approve exactly this: trueup plans approve ${id} --hash ${hash}`,
    approved: `To apply it: trueup plans apply ${id}`,
    applying: `After the cause is mended: trueup plans resume ${id}`,
    applied: `To take it back: trueup plans reverse ${id}`,
  };
  const step = steps[status];
  return ['', ...held, ...(step === undefined ? [] : [step])];
}
