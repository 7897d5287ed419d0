import { AppShell, Button, Group, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ErrorsPage } from './errors/errors-page.tsx';
import { leaveBy, usePath } from './location.ts';
import { MappingPage } from './mapping-page.tsx';
import { MappingsPage } from './mappings-page.tsx';
import { PageLink } from './page-link.tsx';
import { keepKey, useKey } from './session-key.ts';
import { ChangePage } from './review/change-page.tsx';
import { SignIn } from './sign-in.tsx';
import { useMe } from './use-me.ts';

/** The whole console: sign-in, then the page of the address. */
export function Console() {
  const key = useKey();
  return key === null ? <SignIn /> : <SignedIn />;
}

function SignedIn() {
  const path = usePath();
  const queries = useQueryClient();
  const me = useMe();

  const leave = () =>
    leaveBy(() => {
      queries.clear();
      keepKey(null);
    });

  return (
    <AppShell header={{ height: 52 }} padding="md">
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between">
          <Group gap="lg" component="nav" aria-label="Main">
            <Text fw={700}>Trueup</Text>
            <PageLink to="/mappings">Mappings</PageLink>
            <PageLink to="/errors">Errors</PageLink>
          </Group>
          <Group gap="sm">
            <Text size="sm">{me === null ? '' : `${me.personName} · ${me.tenantId}`}</Text>
            <Button variant="default" size="compact-sm" onClick={leave}>
              Sign out
            </Button>
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Main>{pageAt(path)}</AppShell.Main>
    </AppShell>
  );
}

function pageAt(path: string): ReactNode {
  if (path === '/errors') return <ErrorsPage />;
  const [, changeId] = /^\/change-requests\/([^/]+)$/.exec(path) ?? [];
  if (changeId !== undefined)
    return <ChangePage key={changeId} id={decodeURIComponent(changeId)} />;
  const [, id] = /^\/mappings\/([^/]+)$/.exec(path) ?? [];
  return id === undefined ? <MappingsPage /> : <MappingPage key={id} id={decodeURIComponent(id)} />;
}
