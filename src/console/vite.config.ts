import { defineConfig } from 'vite';

/** The console as static files: `npm run console` writes them to build/console, and the server serves them. */
export default defineConfig({
  root: import.meta.dirname,
  base: '/console/',
  build: {
    outDir: '../../build/console',
    emptyOutDir: true,
    // Strict content security: no script or style stands in the page itself.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
