import { useState } from "react";
import type { Job, Manifest, ResultFile, Search } from "../api/contract";
import { useDownload } from "../api/downloads";
import { useView } from "../api/hooks";
import { formatBytes, formatCount } from "../blast/numbers";
import { counted, FILE_STATE, reasonInWords } from "../blast/words";
import { BeingRead } from "../job/not-there-yet";
import { Copy } from "../parts/copy";
import { ErrorNote, Skeleton } from "../parts/notes";
import { Pager } from "./pager";
import { useQuestion } from "./question";
import { RowsError } from "./rows-error";

export default function FilesTab({ job }: { job: Job }) {
  const asked = useQuestion();
  const view = useView<Manifest>(job, "results", { cursor: asked.question.cursor ?? undefined });
  if (view.error)
    return <RowsError error={view.error} asked={asked} refetch={() => void view.refetch()} />;
  if (view.data?.kind === "pending") return <BeingRead retryAfter={view.data.retryAfter} />;
  if (!view.data) return <Skeleton rows={12} label="Loading files" />;
  const manifest = view.data.body;
  const { batches, markers, side_files: sideFiles } = manifest;
  return (
    <>
      {manifest.searches.map((search, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they never change places
        <SearchDetails key={n} search={search} />
      ))}
      <h2>Result files</h2>
      <p className="facts">
        <span>{counted(manifest.sources.files, "file")}</span>
        <span>{formatBytes(manifest.sources.bytes)} inflated</span>
        <span>
          {batches.submitted === null
            ? counted(batches.found, "batch", "batches")
            : `${formatCount(batches.found)} of ${counted(batches.submitted, "batch", "batches")}`}
        </span>
        <span>
          {markers.failure !== null
            ? "marked failed"
            : markers.success
              ? "marked successful"
              : "not marked"}
        </span>
      </p>
      {markers.failure && <pre className="log">{markers.failure}</pre>}
      <FileTable job={job} files={manifest.files} />
      <Pager
        table={{
          ...manifest,
          rows: manifest.files,
          filtered: manifest.total,
          page_size: FILES_PAGE,
        }}
        asked={asked}
        what={["file", "files"]}
      />
      {sideFiles.length > 0 && (
        <details>
          <summary>{counted(sideFiles.length, "file")} beside the results</summary>
          <ul>
            {sideFiles.map((name) => (
              <li key={name}>
                <code>{name}</code>
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

const FILES_PAGE = 500;

/** What was searched, where, and how: and a sentence of it for a paper. */
function SearchDetails({ search }: { search: Search }) {
  const limit = `${formatCount(search.max_target_seqs)}${search.max_target_seqs_given ? "" : " (BLAST’s default)"}`;
  const sizes = [
    search.database_sequences && counted(search.database_sequences, "sequence"),
    search.database_letters && counted(search.database_letters, "letter"),
  ].filter(Boolean);
  const rows: [string, string][] = [
    ["Program", search.version ?? search.program ?? "not known"],
    ["Database", [search.database ?? "not known", ...sizes].join(", ")],
    ["Max target sequences", limit],
    ...Object.entries({ ...search.parameters, ...search.options })
      .filter(([name, value]) => name !== "max_target_seqs" && value !== null && value !== "")
      .map(([name, value]): [string, string] => [name, String(value)]),
  ];
  return (
    <section>
      <h2>Search</h2>
      <dl className="details">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <blockquote className="methods">
        <p>{search.methods}</p>
        <Copy text={search.methods} label="Copy the methods sentence" />
      </blockquote>
    </section>
  );
}

function FileTable({ job, files }: { job: Job; files: ResultFile[] }) {
  const download = useDownload();
  const [asked, setAsked] = useState<string | null>(null);
  return (
    <>
      {download.error && <ErrorNote error={download.error} />}
      <div className="scroll">
        <table className="files stacked">
          <caption className="hidden">Result files and what became of each</caption>
          <thead>
            <tr>
              <th scope="col">File</th>
              <th scope="col">State</th>
              <th scope="col">Format</th>
              <th scope="col" className="right">
                Rows
              </th>
              <th scope="col" className="right">
                Size
              </th>
              <th scope="col">
                <span className="hidden">Download</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {files.map((file) => (
              <tr key={file.file_id}>
                <th scope="row">
                  <code>{file.name}</code>
                </th>
                <td className={file.state === "read" ? "" : "warn"} data-label="State">
                  {FILE_STATE[file.state]}
                  {file.reason && `: ${reasonInWords(file.reason)}`}
                  <FileNotices file={file} />
                </td>
                <td data-label="Format">{file.format ?? "not known"}</td>
                <td className="right" data-label="Rows">
                  {formatCount(file.rows)}
                </td>
                <td
                  className="right"
                  data-label="Size"
                  title={`${formatBytes(file.bytes)} inflated`}
                >
                  {formatBytes(file.size)}
                </td>
                <td>
                  <button
                    type="button"
                    aria-label={`Download ${file.name}`}
                    disabled={download.isPending && asked === file.file_id}
                    onClick={() => {
                      setAsked(file.file_id);
                      download.mutate({
                        path: `jobs/${job.job_id}/results/files/${file.file_id}`,
                        name: file.name.split("/").at(-1) ?? "file",
                      });
                    }}
                  >
                    Download
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function FileNotices({ file }: { file: ResultFile }) {
  const rejected = file.rejected_lines.map(formatCount).join(", ");
  const more = file.rejected > file.rejected_lines.length ? ", …" : "";
  return (
    <>
      {file.rejected > 0 && (
        <small>
          {" "}
          {counted(file.rejected, "row")} rejected{rejected && `, line ${rejected}${more}`}.
        </small>
      )}
      {file.break_offset !== null && (
        <small> Broken at byte {formatCount(file.break_offset)}.</small>
      )}
      {file.notices.map(({ code, text }) => (
        <small key={code}> {text}</small>
      ))}
    </>
  );
}
