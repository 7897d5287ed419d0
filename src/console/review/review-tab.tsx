import { Alert, List, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { read, type Answer } from '../api.ts';
import type { Draft } from '../mapping-types.ts';
import { useMay } from '../use-may.ts';
import { Waiting } from '../waiting.tsx';
import { ChangeActions } from './change-actions.tsx';
import { Comments } from './comments.tsx';
import { Changes, Differences } from './differences.tsx';
import { ImpactButton } from './impact-button.tsx';
import { ImpactReport } from './impact-report.tsx';
import { RolledBack } from './rolled-back.tsx';
import type { ChangeRequest, RequestedChange } from './review-types.ts';
import { Submit } from './submit.tsx';
import { useChange } from './use-change.ts';

interface Props {
  readonly id: string;
  readonly draft: Answer<Draft> | null;
}

/** What the draft changes, who has to agree, and the buttons of each step. */
export function ReviewTab({ id, draft }: Props) {
  const changes = useQuery({
    queryKey: ['changes', id],
    queryFn: ({ signal }) =>
      read<{ readonly data: readonly ChangeRequest[] }>(
        `/change-requests?mapping=${encodeURIComponent(id)}`,
        signal,
      ),
  });
  const all = changes.data?.data ?? [];
  const open = all.filter(({ state }) => isOpen(state));
  const isAsked = open.some(({ kind }) => kind === 'publish');
  return (
    <Stack>
      <Waiting query={changes}>
        {open.map((change) => (
          <Request key={change.id} id={id} changeId={change.id} />
        ))}
        {all[0]?.state === 'published' && all[0].kind === 'rollback' ? (
          <RolledBack id={id} changeId={all[0].id} />
        ) : null}
        {isAsked ? null : <Drafted id={id} draft={draft} last={all[0] ?? null} />}
      </Waiting>
    </Stack>
  );
}

function isOpen(state: ChangeRequest['state']): boolean {
  return state === 'waiting' || state === 'approved' || state === 'scheduled';
}

interface DraftedProps extends Props {
  /** The request before this draft, whatever became of it. */
  readonly last: ChangeRequest | null;
}

function Drafted({ id, draft, last }: DraftedProps) {
  const mayWrite = useMay().can('mappings:write');
  const isSentBack = last?.state === 'returned' || last?.state === 'declined';
  return (
    <>
      {isSentBack ? (
        <Alert color="orange" title={`The request before this was ${last.state}`}>
          {last.reason} ({last.decidedBy})
        </Alert>
      ) : null}
      {draft === null ? (
        <Text>No draft is open: what is in effect is all there is.</Text>
      ) : (
        <>
          <Differences id={id} from="live" to="draft" title="What changes" />
          <ImpactButton id={id} body={{ text: draft.body.text }} />
          {mayWrite ? <Submit id={id} draft={draft} /> : null}
        </>
      )}
    </>
  );
}

interface RequestProps {
  readonly id: string;
  readonly changeId: string;
}

/** A request with its own content: the draft may say something else by the time somebody approves. */
function Request({ id, changeId }: RequestProps) {
  const change = useChange(id, changeId);
  return (
    <Waiting query={change}>
      {change.data === undefined ? null : <Decision change={change.data} />}
    </Waiting>
  );
}

function Decision({ change }: { readonly change: RequestedChange }) {
  return (
    <section aria-label="Change request">
      <Stack>
        <Title order={2} size="h4">
          {STATE_WORDS[change.state]}
          {change.publishAt === null ? '' : ` (${new Date(change.publishAt).toLocaleString()})`}
        </Title>
        <Text>
          {change.rolledBackTo === null ? '' : `Back to version ${change.rolledBackTo}: `}
          {change.note} (submitted by {change.submittedBy})
        </Text>
        <Changes title="What changes" changes={change.differences} />
        {change.impact === null ? (
          <Text>What would move was not counted: no connection is of this system.</Text>
        ) : (
          <ImpactReport impact={change.impact} />
        )}
        <Checks checks={change.checks} />
        <Text>{afterwards(change)}</Text>
        <ChangeActions change={change} />
        <Comments change={change} />
      </Stack>
    </section>
  );
}

function Checks({ checks }: Pick<RequestedChange, 'checks'>) {
  return (
    <List aria-label="Checks">
      {checks.map(({ name, ok, detail }) => (
        <List.Item key={name}>
          {ok ? '✓' : '✗'} {name}: {detail}
        </List.Item>
      ))}
    </List>
  );
}

function afterwards({ replay, restore, overwrite = false }: RequestedChange): string {
  const again = replay
    ? 'Once it is in effect, landed records are mapped again.'
    : 'Only records that come from then on are mapped with it.';
  if (!restore) return again;
  const since = overwrite ? 'also where' : 'but not where';
  return `${again} Records that the undone versions wrote are brought back, ${since} somebody changed them since.`;
}

const STATE_WORDS = {
  waiting: 'Waiting for approval by somebody else',
  approved: 'Approved, and ready to publish',
  returned: 'Returned',
  declined: 'Declined',
  withdrawn: 'Withdrawn',
  scheduled: 'Approved, to be published later',
  published: 'Published',
} as const satisfies Record<ChangeRequest['state'], string>;
