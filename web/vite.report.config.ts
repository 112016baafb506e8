import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vite";

const CONTENTS = '<script type="text/plain"';

/**
 * Puts scripts and styles into the document itself: a report is one file. The code stands behind what the document
 * says by itself and before its contents, so that one of the two can speak wherever a file breaks off.
 */
function inOneFile(): Plugin {
  return {
    name: "in-one-file",
    enforce: "post",
    generateBundle: {
      // Behind what else is done to the code.
      order: "post",
      handler(_, bundle) {
        const page = bundle["report.html"];
        if (page?.type !== "asset") throw new Error("there is no report.html");
        let text = String(page.source);
        for (const [name, made] of Object.entries(bundle)) {
          if (made === page) continue;
          const content = made.type === "chunk" ? made.code : String(made.source);
          const closed = content.replaceAll("</script", "<\\/script");
          const element =
            made.type === "chunk"
              ? `<script type="module">${closed}</script>`
              : `<style>${content}</style>`;
          const tag = new RegExp(
            `<(script|link)[^>]*${name.replaceAll(".", "\\.")}[^>]*>(</script>)?`,
          );
          if (!tag.test(text)) throw new Error(`nothing refers to ${name}`);
          text =
            made.type === "chunk"
              ? text.replace(tag, "").replace(CONTENTS, () => element + CONTENTS)
              : text.replace(tag, () => element);
          delete bundle[name];
        }
        page.source = text;
      },
    },
  };
}

export default defineConfig({
  plugins: [react(), inOneFile()],
  publicDir: false,
  build: {
    target: "es2023",
    outDir: "dist-report",
    emptyOutDir: true,
    modulePreload: false,
    cssCodeSplit: false,
    rolldownOptions: { input: "report.html", output: { codeSplitting: false } },
  },
});
