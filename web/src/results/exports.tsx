import { useState } from "react";
import type { Parameters } from "../api/client";
import type { Job, Manifest } from "../api/contract";
import { useDownload } from "../api/downloads";
import { useView } from "../api/hooks";
import { Copy } from "../parts/copy";
import { ErrorNote } from "../parts/notes";
import { useSession } from "../session";

const TABLE_FORMATS = {
  csv: "CSV",
  tsv: "TSV",
  jsonl: "JSON lines",
  parquet: "Parquet",
};

interface Props {
  job: Job;
  table: "descriptions" | "alignments" | "queries";
  /** What is asked of the table; an export is the whole of it, not only this page. */
  asked: Parameters;
}

/** What one can take along from a table: all of its filtered rows, the hits as FASTA, a link, a sentence. */
export function Exports(props: Props) {
  return useSession().isReport ? null : <ExportMenu {...props} />;
}

function ExportMenu({ job, table, asked }: Props) {
  const download = useDownload();
  const [isOpen, setIsOpen] = useState(false);
  const take = (from: string, format: string) =>
    download.mutate({
      path: `jobs/${job.job_id}/results/export`,
      name: `${job.job_id}-${from}.${EXTENSIONS[format] ?? format}`,
      parameters: { ...(from === table ? asked : withoutSort(asked)), table: from, format },
    });
  const button = (from: string, format: string, label: string) => (
    <button
      key={format}
      type="button"
      disabled={download.isPending}
      onClick={() => take(from, format)}
    >
      {label}
    </button>
  );
  return (
    <details className="exports" onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>Download</summary>
      <div className="menu">
        <p className="help">All rows that pass the filters, not only this page.</p>
        <div className="buttons">
          {Object.entries(TABLE_FORMATS).map(([format, label]) => button(table, format, label))}
          {table === "descriptions" && button(table, "ncbi-csv", "CSV as NCBI’s")}
          {table !== "queries" && button("alignments", "fasta", "Hits as FASTA")}
        </div>
        <div className="buttons">
          <Copy text={location.href} label="Copy link with filters" />
          {isOpen && <CopyMethods job={job} />}
        </div>
        {download.isPending && <p role="status">The file is being made…</p>}
        {download.error && <ErrorNote error={download.error} />}
      </div>
    </details>
  );
}

const EXTENSIONS: Record<string, string> = { "ncbi-csv": "csv" };

/** Columns to sort by differ from table to table. */
function withoutSort({ sort: _, order: __, ...asked }: Parameters): Parameters {
  return asked;
}

function CopyMethods({ job }: { job: Job }) {
  const view = useView<Manifest>(job, "results");
  if (view.data?.kind !== "here") return null;
  const sentences = view.data.body.searches.map(({ methods }) => methods).join(" ");
  return <Copy text={sentences} label="Copy methods sentence" />;
}
