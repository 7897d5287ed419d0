import { Button, Group, Modal, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { askBeforeLeaving } from './location.ts';

/** Asks before unsaved work is left behind: by a link, by "back", by signing out, or with the tab. */
export function LeaveGuard({ unsaved }: { readonly unsaved: boolean }) {
  const [leave, setLeave] = useState<(() => void) | null>(null);
  useEffect(() => (unsaved ? askBeforeLeaving((go) => setLeave(() => go)) : undefined), [unsaved]);
  const stay = () => setLeave(null);
  return (
    <Modal opened={leave !== null} onClose={stay} lockScroll={false} title="Leave without saving?">
      <Text>What you changed here is not saved, and is gone when you leave.</Text>
      <Group justify="end" mt="md">
        <Button variant="default" onClick={stay} data-autofocus>
          Stay
        </Button>
        <Button
          color="red"
          onClick={() => {
            stay();
            leave?.();
          }}
        >
          Leave
        </Button>
      </Group>
    </Modal>
  );
}
