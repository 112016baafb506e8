import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  build: { target: "es2023", modulePreload: { polyfill: false } },
  // The tests are of pure functions: none can be in the way of another.
  test: { isolate: false },
});
