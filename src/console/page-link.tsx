import { Anchor } from '@mantine/core';
import type { MouseEvent, ReactNode } from 'react';
import { goTo } from './location.ts';

/** A link inside the console: the browser's own ways to open it elsewhere keep working. */
export function PageLink({ to, children }: { readonly to: string; readonly children: ReactNode }) {
  function follow(event: MouseEvent) {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    goTo(to);
  }
  return (
    <Anchor href={to} onClick={follow}>
      {children}
    </Anchor>
  );
}
