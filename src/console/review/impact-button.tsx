import { Button, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api.ts';
import type { RowEdit } from '../mapping-types.ts';
import { mappingPath } from '../use-mapping.ts';
import { Failure } from '../waiting.tsx';
import { ImpactReport } from './impact-report.tsx';
import type { Impact } from './review-types.ts';

interface Props {
  readonly id: string;
  /** What to look at; the saved draft where it is empty. */
  readonly body: { readonly text?: string; readonly edits?: readonly RowEdit[] };
}

/** What would move if this were in effect, counted when somebody asks for it: it maps every landed record. */
export function ImpactButton({ id, body }: Props) {
  const [asked, setAsked] = useState<Props['body'] | null>(null);
  const impact = useQuery({
    queryKey: ['impact', id, asked],
    enabled: asked !== null,
    queryFn: async ({ signal }) =>
      (await call<Impact>(`${mappingPath(id)}:impact`, { method: 'POST', body: asked, signal }))
        .body,
  });
  const isOld = asked !== null && JSON.stringify(asked) !== JSON.stringify(body);
  return (
    <>
      <Group>
        <Button variant="default" loading={impact.isFetching} onClick={() => setAsked(body)}>
          Show what would move
        </Button>
        {isOld ? <Text>Something changed since this was counted.</Text> : null}
      </Group>
      {impact.error === null ? null : <Failure error={impact.error} />}
      {impact.data === undefined ? null : <ImpactReport impact={impact.data} />}
    </>
  );
}
