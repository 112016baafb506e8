import { useEffect } from "react";

/** Name the document, so that tabs, history and screen readers tell one page from another. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · BLAST results`;
  }, [title]);
}
