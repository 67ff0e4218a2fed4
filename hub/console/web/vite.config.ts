// Builds the console into the folder that the hub serves; runs its component tests.
import { defineConfig } from "vitest/config";

export default defineConfig({
  base: "/console/",
  build: {
    outDir: "../built",
    emptyOutDir: true,
    target: "es2024",
    // The hub's content security policy allows files of its own and nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1_200,
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  server: { fs: { allow: ["../..", "../../../tests/vectors"] } },
  test: { environment: "happy-dom", include: ["src/**/*.test.{ts,tsx}"], restoreMocks: true },
});
