import '@mantine/core/styles.css';
import { createTheme, MantineProvider, type CSSVariablesResolver } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiError } from './api.ts';
import { Console } from './console.tsx';

const theme = createTheme({ primaryColor: 'teal', primaryShade: { light: 9, dark: 7 } });

/** Small print has the contrast of text: 4.5 to 1 at least (WCAG 2.2, 1.4.3), which the grey that comes along has not. */
const colors: CSSVariablesResolver = ({ colors: { gray, dark } }) => ({
  variables: {},
  light: { '--mantine-color-dimmed': gray[7] },
  dark: { '--mantine-color-dimmed': dark[0] },
});

/** What the API refuses, it refuses again; only a server that could not be reached is asked twice. */
const client = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (failures, error) =>
        failures < 2 && !(error instanceof ApiError && error.status < 500),
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
