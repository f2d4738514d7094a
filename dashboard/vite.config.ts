import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** Where `npm run dev` finds a platform: a real one, or the offline one of `npm run dev:server`. */
const platform = process.env.IOTFLOW_URL ?? 'http://127.0.0.1:8080';
const proxied = ['/api', '/health', '/metrics', '/stats', '/openapi.yaml', '/docs'];

/** The fonts are given on with the pages, so their licences are too; those of the scripts Vite gathers itself. */
const fontLicenses: Plugin = {
  name: 'font-licenses',
  apply: 'build',
  generateBundle() {
    const source = ['@fontsource-variable/ibm-plex-sans', '@fontsource/ibm-plex-mono']
      .map((font) => readFileSync(new URL(`./node_modules/${font}/LICENSE`, import.meta.url), 'utf8'))
      .join('\n\n');
    this.emitFile({ type: 'asset', fileName: 'licenses-fonts.txt', source });
  },
};

export default defineConfig({
  plugins: [react(), fontLicenses],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    outDir: process.env.IOTFLOW_DASHBOARD_OUT ?? 'target/classes/dashboard',
    emptyOutDir: true,
    target: 'es2022',
    // The content security policy of the platform forbids inline scripts, and data: fonts.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    license: { fileName: 'licenses.md' },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
  },
  server: {
    proxy: {
      ...Object.fromEntries(proxied.map((path) => [path, { target: platform }])),
      '/ws': { target: platform, ws: true },
    },
  },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/test/setup.ts'],
    // An odd zone on purpose: nothing may depend on the machine's.
    env: { TZ: 'Asia/Kathmandu' },
    restoreMocks: true,
    // One test DOM for all files; each cleans up after itself (src/test/setup.ts).
    isolate: false,
  },
});
