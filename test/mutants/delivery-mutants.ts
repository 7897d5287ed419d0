import type { Mutant } from './mutant.ts';

const DISPATCH = 'src/delivery/dispatch.ts';
const SETTLE = 'src/delivery/settle-intents.ts';
const LEDGER_SUITE = { suite: 'src/delivery/dispatch.test.ts' } as const;
const LOST_LEASES = { suite: 'src/delivery/lost-leases.test.ts' } as const;
const MACHINE = { suite: 'src/delivery/intent-machine.test.ts' } as const;

/** Mistakes of delivery: each takes one guard away. */
export const DELIVERY_MUTANTS: readonly Mutant[] = [
  {
    name: 'half-is-whole',
    what: 'a plan of which an order was dropped is told as applied',
    killer: { suite: 'src/delivery/plan-ends.test.ts' },
    symptom: /ends as incomplete and not as applied/,
    edits: [
      {
        file: 'src/delivery/move-plans.ts',
        find: "then 'incomplete' else 'applied' end",
        replace: "then 'applied' else 'applied' end",
      },
    ],
  },
  {
    name: 'removes-while-sending',
    what: 'a connection is judged idle and ended while a worker takes up its writes (F-58)',
    killer: { suite: 'src/delivery/plan-ends.test.ts' },
    symptom: /F-58: no worker takes up a write between the look at it and its end/,
    edits: [
      {
        file: 'src/delivery/end-connection.ts',
        find: 'order by i.id for update)',
        replace: 'order by i.id)',
      },
    ],
  },
  {
    name: 'versioned-key',
    what: 'an external id that holds the revision makes a second order of an edited deal',
    killer: LEDGER_SUITE,
    symptom: /an equal effect makes no second intent/,
    edits: [
      {
        file: 'src/delivery/intents.ts',
        find: 'externalId: externalIdOf({ tenantId: tx.tenantId, ...effect })',
        replace:
          'externalId: externalIdOf({ tenantId: tx.tenantId, ...effect, canonicalId: `${effect.canonicalId}/${JSON.stringify(effect.fields)}` })',
      },
    ],
  },
  {
    name: 'no-unique-key',
    what: 'a store that does not know what makes an effect the same keeps two of it, and both are sent (F-58)',
    killer: { suite: 'src/delivery/intents.test.ts' },
    symptom: /F-58: of two who ask for one effect at the same moment/,
    edits: [
      {
        file: 'src/db/migration-files.ts',
        find: "'utf8')).replaceAll('\\r\\n', '\\n');",
        replace:
          "'utf8')).replaceAll('\\r\\n', '\\n').replace('unique (tenant_id, connection, object, external_id, revision)', 'check (true)');",
      },
      {
        file: 'src/delivery/intents.ts',
        find: 'id: intentIdOf(externalId, revision),',
        replace: 'id: `${intentIdOf(externalId, revision)}${Math.random()}`,',
      },
    ],
  },
  {
    name: 'trusts-answers',
    what: 'an intent that counts as done by the vendor’s word alone is never compared with what is there',
    killer: LEDGER_SUITE,
    symptom: /applied counts only once it was read back/,
    edits: [
      {
        file: SETTLE,
        find: "(i.state = 'UNKNOWN' or (i.state = 'APPLIED' and not i.read_back))",
        replace: "(i.state = 'UNKNOWN')",
      },
    ],
  },
  {
    name: 'resends-unknown',
    what: 'what got no answer is sent again blind, and is made twice where it had arrived (F-13)',
    killer: LEDGER_SUITE,
    symptom: /of a batch, an unknown one alone waits for its read-back/,
    edits: [
      {
        file: 'src/delivery/outcome-of.ts',
        find: "state: 'UNKNOWN',\n        keep: result.mayArrive,",
        replace: "state: 'PLANNED',\n        keep: result.mayArrive,",
      },
    ],
  },
  {
    name: 'forgets-the-call',
    what: 'not found while the call may still be on its way is taken for never sent (F-13)',
    killer: LEDGER_SUITE,
    symptom: /F-13: a call that got no answer may still be on its way/,
    edits: [
      {
        file: DISPATCH,
        find: 'error = $2, lease_until = case when $3 then i.lease_until end,',
        replace: 'error = $2, lease_until = null,',
      },
    ],
  },
  {
    name: 'believes-old-looks',
    what: 'what was asked while the call could be on its way counts as proof later (F-13)',
    killer: LOST_LEASES,
    symptom: /F-13: what was asked while the call could be on its way/,
    edits: [
      {
        file: SETTLE,
        find: "update intent i set state = case when h.state = 'PLANNED' and i.lease_until > h.asked then",
        replace:
          "update intent i set state = case when h.state = 'PLANNED' and i.lease_until > app.clock() then",
      },
    ],
  },
  {
    name: 'no-fence',
    what: 'a worker that slept past its lease records over what its successor did (F-59)',
    killer: LEDGER_SUITE,
    symptom: /F-59: nor over what its successor has sent since/,
    edits: [
      {
        file: DISPATCH,
        find: "where i.id = h.id and i.fence = h.fence and i.state in ${before('unanswered')}`,\n    [JSON.stringify(rows)],",
        replace:
          "where i.id = h.id and h.fence is not null and i.state in ${before('unanswered')}`,\n    [JSON.stringify(rows)],",
      },
    ],
  },
  {
    name: 'sends-without-lease',
    what: 'a worker whose lease is over sends all the same, as long as nobody took over yet (F-59)',
    killer: LOST_LEASES,
    symptom: /F-59: sends nothing, also if nobody has taken over yet/,
    edits: [
      {
        file: DISPATCH,
        find: "i.state in ${before('send')} and i.lease_until > app.clock() returning i.id",
        replace: "i.state in ${before('send')} returning i.id",
      },
    ],
  },
  {
    name: 'reaps-the-living',
    what: 'a reaper that takes away leases that are not over doubles what runs (F-3)',
    killer: LOST_LEASES,
    symptom: /F-3, F-4: is reaped, whoever held it, and one that runs is left/,
    edits: [
      {
        file: DISPATCH,
        find: "where i.state in ${before('lose')} and i.lease_until <= app.clock()`",
        replace: "where i.state in ${before('lose')}`",
      },
    ],
  },
  {
    name: 'never-reaps',
    what: 'what a dead worker held stays held for ever when the queue forgot it (F-3)',
    killer: LOST_LEASES,
    symptom: /F-3, F-4: is reaped/,
    edits: [
      {
        file: DISPATCH,
        find: "where i.state in ${before('lose')} and i.lease_until <= app.clock()`",
        replace: "where i.state in ${before('lose')} and i.lease_until <= app.clock() and false`",
      },
    ],
  },
  {
    name: 'revisions-race',
    what: 'a later revision goes out before the earlier one is settled, which then overwrites it',
    killer: LEDGER_SUITE,
    symptom: /a revision waits until the one before it is settled|cannot overwrite revision 2/,
    edits: [
      {
        file: DISPATCH,
        find: 'and not exists (${EARLIER_OPEN}) and not exists (${EARLIER_ON_ITS_WAY}) and not (${WAITS_FOR_ANOTHER})\n         and coalesce',
        replace: 'and not (${WAITS_FOR_ANOTHER})\n         and coalesce',
      },
    ],
  },
  {
    name: 'shared-lease',
    what: 'two workers that choose at once take the same intent (F-58)',
    killer: LEDGER_SUITE,
    symptom: /F-58: two workers that lease at once/,
    edits: [
      {
        file: DISPATCH,
        find: 'order by i.created_at, i.id limit $3 for update skip locked)',
        replace: 'order by i.created_at, i.id limit $3)',
      },
    ],
  },
  {
    name: 'crowds-the-parent',
    what: 'writes below one account go out side by side and lock each other out (F-25)',
    killer: { suite: 'src/delivery/parent-rows.test.ts' },
    symptom: /F-25: what shares an account with a write that is under way waits/,
    edits: [
      {
        file: DISPATCH,
        find: "and not ${parentBusy('$6::jsonb')}",
        replace: "and (not ${parentBusy('$6::jsonb')} or true)",
      },
    ],
  },
  {
    name: 'a-move-more',
    what: 'a ledger that may go from applied to planned sends again what is done',
    killer: MACHINE,
    symptom: /has the moves of the machine, and no other/,
    edits: [
      {
        file: 'src/delivery/intent-machine.ts',
        find: "    absent: 'CONFLICT',\n    incomplete: 'CONFLICT',",
        replace: "    absent: 'PLANNED',\n    incomplete: 'CONFLICT',",
      },
    ],
  },
  {
    name: 'equal-is-new',
    what: 'an effect that is there already is planned anew at each look, and written for ever',
    killer: LEDGER_SUITE,
    symptom: /an equal effect makes no second intent/,
    edits: [
      {
        file: 'src/delivery/intents.ts',
        find: 'if (before?.payloadHash === payloadHash && !isDropped) {',
        replace: 'if (before?.payloadHash === payloadHash && !isDropped && payloadHash === "") {',
      },
    ],
  },
  {
    name: 'approves-unseen',
    what: 'an approval that is not bound to the hash lets through what nobody saw',
    killer: { suite: 'src/delivery/plans.test.ts' },
    symptom: /is not decided by who saw another one/,
    edits: [
      {
        file: 'src/delivery/decide-plan.ts',
        find: "p.status = 'review' and p.hash = $2 returning",
        replace: "p.status = 'review' and $2::text is not null returning",
      },
    ],
  },
  {
    name: 'lease-by-own-clock',
    what: 'a lease that ends by the worker’s clock is taken over from a living worker (F-60)',
    killer: { suite: 'src/queue/lease.test.ts' },
    symptom: /F-60: ends by the clock of the database/,
    edits: [
      {
        file: 'src/queue/lease.ts',
        find: 'lease_until = app.clock() + make_interval(secs => $3)',
        replace: 'lease_until = to_timestamp(${Date.now() / 1000}) + make_interval(secs => $3)',
      },
    ],
  },
];
