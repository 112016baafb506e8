import type { MouseEvent } from "react";
import { useHref, useNavigate } from "react-router";

/**
 * Links of a picture: it may have thousands, so that the picture listens for all of them, and each is no more than
 * an element.
 */
export function useLinks() {
  const root = useHref("/").replace(/\/$/, "");
  const navigate = useNavigate();
  return {
    /** Where a place of the page is for the browser. */
    hrefOf: (to: string) => root + to,
    /** Goes where the link leads that was clicked, if it was to be followed here. */
    follow: (event: MouseEvent) => {
      const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
      const href = (event.target as Element).closest("a")?.getAttribute("href");
      if (!href || !isPlain || event.altKey) return;
      event.preventDefault();
      void navigate(href.slice(root.length));
    },
  };
}
