import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useId, useRef, useState } from "react";
import { saveBlob } from "../api/downloads";
import { ErrorNote } from "../parts/notes";
import { useLinks } from "./links";
import { type Caption, rasterized, standalone } from "./saving";
import { labelAt } from "./summary-layout";

/** What every picture on a page is of. */
export interface Subject {
  job: string;
  lines: string[];
}

interface Props {
  name: string;
  title: string;
  of: Subject;
  width: number;
  height: number;
  /** What it shows, in a sentence or two, for those who do not see it. */
  text: string;
  /** What it shows, in numbers; made when it is asked for. */
  table(): ReactNode;
  children: ReactNode;
}

/** A picture on white paper, with its words, its numbers as a table, and itself as a file. */
export function Picture({ name, title, of, width, height, text, table, children }: Props) {
  const drawn = useRef<SVGSVGElement>(null);
  const [isOpen, setIsOpen] = useState(false);
  const { follow } = useLinks();
  const id = useId();
  const caption: Caption = { title: `${title}: ${of.job}`, lines: of.lines };
  const save = useMutation({
    mutationFn: async (kind: "svg" | "png") => {
      if (!drawn.current) return;
      const svg = standalone(drawn.current, caption);
      const file = kind === "svg" ? new Blob([svg], { type: "image/svg+xml" }) : rasterized(svg);
      saveBlob(await file, `${name}.${kind}`);
    },
  });
  return (
    <figure className="picture" aria-labelledby={id}>
      <div className="picture-head">
        <h2 id={id}>{title}</h2>
        <button type="button" onClick={() => save.mutate("svg")} aria-label={`${title} as SVG`}>
          SVG
        </button>
        <button type="button" onClick={() => save.mutate("png")} aria-label={`${title} as PNG`}>
          PNG
        </button>
      </div>
      {save.error && <ErrorNote error={save.error} />}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls where it is larger than its room */}
      <section className="paper" tabIndex={0} aria-label={`${title}, drawn`}>
        <svg
          ref={drawn}
          onClick={follow}
          viewBox={`0 0 ${width} ${height}`}
          aria-hidden="true"
          data-picture={name}
          fontSize="11"
          fill="#1b2126"
        >
          <rect width={width} height={height} fill="#ffffff" />
          {children}
        </svg>
      </section>
      <figcaption>{text}</figcaption>
      <details onToggle={(event) => setIsOpen(event.currentTarget.open)}>
        <summary>{title} as a table</summary>
        {isOpen && <div className="scroll">{table()}</div>}
      </details>
    </figure>
  );
}

/** Numbers along the lower edge of a picture. */
export function Axis({
  at,
  y,
  label,
}: {
  at: { x: number; text: string }[];
  y: number;
  label?: string;
}) {
  return (
    <g textAnchor="middle">
      {at.map(({ x, text }) => (
        <g key={`${x} ${text}`}>
          <line x1={x} x2={x} y1={y} y2={y + 4} stroke="#56616b" />
          <text x={labelAt(x, text)} y={y + 15}>
            {text}
          </text>
        </g>
      ))}
      {label && (
        <text x="500" y={y + 30}>
          {label}
        </text>
      )}
    </g>
  );
}
