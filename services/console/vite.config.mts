import react from "@vitejs/plugin-react";
import { defaultClientConditions, defineConfig } from "vite";

// `npx vite` serves the sources with hot reload; the API is a running stack's.
const gateway = process.env.GATEWAY_URL ?? "http://localhost:8080";

export default defineConfig({
  plugins: [react()],
  // Workspaces are taken from their sources, so that the browser build needs no other build before it.
  resolve: { conditions: ["source", ...defaultClientConditions] },
  build: {
    outDir: "dist/web",
    emptyOutDir: true,
    target: "es2023",
    sourcemap: true,
    // Nothing inline: the page's policy allows scripts and fonts of this origin only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
  server: {
    proxy: {
      "/api": { target: gateway, changeOrigin: false },
      "/socket.io": { target: gateway, ws: true, changeOrigin: false },
    },
  },
});
