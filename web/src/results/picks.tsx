import { useMutation } from "@tanstack/react-query";
import { Link } from "react-router";
import type { Job } from "../api/contract";
import { fetchText, saveText } from "../api/downloads";
import { counted } from "../blast/words";
import { ErrorNote } from "../parts/notes";
import { useSession } from "../session";
import { type Asked, addressOf } from "./question";

/** A picked row as its parts. */
export function pickParts(pick: string): { query: string; subject: string } {
  const blank = pick.indexOf(" ");
  return { query: pick.slice(0, blank), subject: pick.slice(blank + 1) };
}

/** What can be done with the rows that were picked. */
export function Picks({ job, asked }: { job: Job; asked: Asked }) {
  const { picks, query } = asked.question;
  const { client, isReport } = useSession();
  const take = useMutation({
    mutationFn: async ({ table, format }: { table: string; format: string }) => {
      const texts: string[] = [];
      for (const pick of picks) {
        const parameters = { ...pickParts(pick), table, format };
        const text = await fetchText(client, `jobs/${job.job_id}/results/export`, parameters);
        texts.push(
          format === "csv" && texts.length > 0 ? text.slice(text.indexOf("\n") + 1) : text,
        );
      }
      saveText(texts.join(""), `${job.job_id}-picked.${format}`, "text/plain");
    },
  });
  return (
    <div className="picks" role="status">
      {picks.length === 0 ? (
        <span className="help">Pick rows to see or save only these.</span>
      ) : (
        <>
          {counted(picks.length, "row")} picked{" "}
          <Link to={addressOf(job.job_id, "alignments", query, null, picks)}>Alignments</Link>
          {!isReport && (
            <>
              <button
                type="button"
                disabled={take.isPending}
                onClick={() => take.mutate({ table: "descriptions", format: "csv" })}
              >
                CSV
              </button>
              <button
                type="button"
                disabled={take.isPending}
                onClick={() => take.mutate({ table: "alignments", format: "fasta" })}
              >
                FASTA
              </button>
            </>
          )}
          <button type="button" className="quiet" onClick={() => asked.pick([])}>
            Pick none
          </button>
          {take.error && <ErrorNote error={take.error} />}
        </>
      )}
    </div>
  );
}
