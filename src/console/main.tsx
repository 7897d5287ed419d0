import '@mantine/core/styles.css';
import {
  Alert,
  createTheme,
  MantineProvider,
  Modal,
  type CSSVariablesResolver,
} from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { isWorthAnotherTry } from './api.ts';
import { Console } from './console.tsx';

const theme = createTheme({
  primaryColor: 'teal',
  primaryShade: { light: 9, dark: 7 },
  components: {
    // The colour of an alert is its edge and its ground; its words have the contrast of text.
    Alert: Alert.extend({ styles: { title: { color: 'var(--mantine-color-text)' } } }),
    Modal: Modal.extend({ defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } }),
  },
});

/**
 * Small print and buttons under the mouse have the contrast of text: 4.5 to 1 at least (WCAG 2.2, 1.4.3). The grey and
 * the lighter shades that come along have not.
 */
const colors: CSSVariablesResolver = ({ colors: { gray, dark } }) => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': gray[7],
    '--mantine-color-teal-filled-hover': '#066649',
    '--mantine-color-red-filled-hover': '#a61e1e',
  },
  dark: { '--mantine-color-dimmed': dark[0] },
});

const client = new QueryClient({
  defaultOptions: {
    queries: {
      retry: isWorthAnotherTry,
      refetchOnWindowFocus: false,
    },
  },
});

/** The number that the page's policy lets styles in with; it is drawn for each answer of the server. */
const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no root.');
createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={colors}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <QueryClientProvider client={client}>
        <Console />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
