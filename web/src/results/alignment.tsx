import { memo, useState } from "react";
import { Link } from "react-router";
import type { Hsp } from "../api/contract";
import { headline } from "../blast/headline";
import { formatCount } from "../blast/numbers";
import { asText, type Block, pairwise } from "../blast/pairwise";
import { counted } from "../blast/words";
import { alignsProteins } from "../jobs/programs";
import { addressOf } from "./question";

const SHOWN_BLOCKS = 20;

interface AlignmentProps {
  jobId: string;
  hsp: Hsp;
  program: string;
  /** Whether the subject is another than that of the HSP above. */
  isNewSubject: boolean;
  /** Whether the format cuts the decimals of bit scores. */
  isRounded: boolean;
}

/** One HSP: figures, and the letters where the format has them. */
export const Alignment = memo(function Alignment(props: AlignmentProps) {
  const { jobId, hsp, program, isNewSubject, isRounded } = props;
  const blocks = pairwise(hsp, alignsProteins(program));
  return (
    <article className="alignment" aria-label={`${hsp.qseqid} and ${hsp.sseqid}`}>
      {isNewSubject && (
        <h2>
          {hsp.stitle ?? hsp.sseqid ?? "unnamed subject"}{" "}
          <small>
            {hsp.stitle && (
              <Link to={addressOf(jobId, "alignments", hsp.query_key, hsp.sseqid)}>
                {hsp.sseqid}
              </Link>
            )}
            {hsp.slen !== null && ` length ${formatCount(hsp.slen)}`}
          </small>
        </h2>
      )}
      <p className="figures">
        {headline(hsp, program).map(({ name, text }) => (
          <span key={name}>
            {name}{" "}
            <strong>
              {isRounded && name === "Score" && "≈"}
              {text}
            </strong>
          </span>
        ))}
        <span>
          Query <strong>{place(hsp.qstart, hsp.qend)}</strong>
        </span>
        <span>
          Subject <strong>{place(hsp.sstart, hsp.send)}</strong>
        </span>
      </p>
      {blocks.length > 0 && <Letters blocks={blocks} />}
    </article>
  );
});

function place(from: number | null, to: number | null): string {
  return from === null || to === null ? "unknown" : `${formatCount(from)}–${formatCount(to)}`;
}

/** One text node for an alignment; a long one is folded. */
function Letters({ blocks }: { blocks: Block[] }) {
  const [isWhole, setIsWhole] = useState(blocks.length <= SHOWN_BLOCKS);
  const shown = isWhole ? blocks : blocks.slice(0, SHOWN_BLOCKS);
  const folded = blocks.slice(SHOWN_BLOCKS).reduce((sum, { midline }) => sum + midline.length, 0);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways on a narrow window */}
      <pre tabIndex={0}>{asText(shown)}</pre>
      {!isWhole && (
        <button type="button" onClick={() => setIsWhole(true)}>
          Show the other {counted(folded, "column")}
        </button>
      )}
    </>
  );
}
