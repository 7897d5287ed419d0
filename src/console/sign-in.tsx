import { Alert, Button, Container, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { call } from './api.ts';
import { keepKey } from './session-key.ts';

/** Asks for a key and lets in who has one that works. */
export function SignIn() {
  const [key, setKey] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function enter(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    try {
      await call('/me', { key: key.trim() });
      keepKey(key.trim());
    } catch (error) {
      setProblem(error instanceof Error ? error.message : 'The server cannot be reached.');
      setBusy(false);
    }
  }

  return (
    <Container component="main" size="xs" py="xl">
      <form onSubmit={(event) => void enter(event)}>
        <Stack>
          <Title order={1}>Trueup</Title>
          <Text>
            Sign in with an API key. An administrator makes one with <code>trueup keys create</code>
            . It stays in this tab until you close it.
          </Text>
          <PasswordInput
            label="API key"
            value={key}
            onChange={(event) => setKey(event.currentTarget.value)}
            autoComplete="off"
            required
            data-autofocus
          />
          {problem === null ? null : (
            <Alert color="red" title="Not signed in" role="alert">
              {problem}
            </Alert>
          )}
          <Button type="submit" loading={busy} disabled={key.trim() === ''}>
            Sign in
          </Button>
        </Stack>
      </form>
    </Container>
  );
}
