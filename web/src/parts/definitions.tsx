import { type ReactNode, useEffect, useRef, useState } from "react";
import { DEFINITIONS, type Term } from "../blast/definitions";

const idOf = (term: Term) => `definition-${term}`;
const GAP = 6;

/** Attributes of whatever shows a defined word: its definition appears on hover and focus, and is read out. */
export function defined(term: Term) {
  return { "data-term": term, "aria-describedby": idOf(term) };
}

/** The definitions of this page and the one tooltip that shows them; Escape hides it. */
export function Definitions() {
  const tooltip = useRef<HTMLDivElement>(null);
  const [term, setTerm] = useState<Term | null>(null);
  useEffect(() => {
    const show = (event: Event) => {
      const target = event.target instanceof Element ? event.target : null;
      if (target && tooltip.current?.contains(target)) return;
      const owner = target?.closest<HTMLElement>("[data-term]");
      if (!tooltip.current) return;
      if (!owner) return tooltip.current.hidePopover();
      setTerm(owner.dataset.term as Term);
      tooltip.current.showPopover();
      requestAnimationFrame(() => tooltip.current && place(tooltip.current, owner));
    };
    const hide = (event: Event) => {
      if (!(event instanceof KeyboardEvent) || event.key === "Escape")
        tooltip.current?.hidePopover();
    };
    document.addEventListener("pointerover", show);
    document.addEventListener("focusin", show);
    document.addEventListener("keydown", hide);
    document.addEventListener("scroll", hide, true);
    return () => {
      document.removeEventListener("pointerover", show);
      document.removeEventListener("focusin", show);
      document.removeEventListener("keydown", hide);
      document.removeEventListener("scroll", hide, true);
    };
  }, []);
  return (
    <>
      {Object.entries(DEFINITIONS).map(([name, { text, source }]) => (
        <span key={name} id={idOf(name as Term)} hidden>
          {text} Source: {source}.
        </span>
      ))}
      <div ref={tooltip} className="tooltip" popover="manual" aria-hidden="true">
        {term && (
          <>
            {DEFINITIONS[term].text} <small>Source: {DEFINITIONS[term].source}</small>
          </>
        )}
      </div>
    </>
  );
}

/** Below its owner, inside the window. */
function place(tooltip: HTMLElement, owner: HTMLElement): void {
  const at = owner.getBoundingClientRect();
  const left = Math.max(GAP, Math.min(at.left, innerWidth - tooltip.offsetWidth - GAP));
  const below = at.bottom + GAP;
  const top =
    below + tooltip.offsetHeight > innerHeight ? at.top - tooltip.offsetHeight - GAP : below;
  tooltip.style.left = `${left}px`;
  tooltip.style.top = `${Math.max(GAP, top)}px`;
}

/** The same definitions as a list, for touch screens and for reading. */
export function Glossary({ terms, children }: { terms: readonly Term[]; children?: ReactNode }) {
  return (
    <details className="glossary">
      <summary>What the columns mean</summary>
      {children}
      <dl>
        {terms.map((term) => (
          <div key={term}>
            <dt>{DEFINITIONS[term].label}</dt>
            <dd>
              {DEFINITIONS[term].text} <small>Source: {DEFINITIONS[term].source}</small>
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
