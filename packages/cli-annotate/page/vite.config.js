import { defineConfig } from "vite";

// The page as a few files beside the compiled command. NiiVue's readers of Zarr are never loaded; their chunks stay small in number.
export default defineConfig({
  base: "./",
  logLevel: "warn",
  build: {
    outDir: "../dist/page",
    emptyOutDir: true,
    // The licences of what is bundled have to travel with it.
    license: { fileName: "third-party-licences.md" },
    target: "es2022",
    chunkSizeWarningLimit: 4096,
    modulePreload: { polyfill: false },
  },
});
