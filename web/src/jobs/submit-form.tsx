import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useMemo, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { Problem } from "../api/client";
import type { Job, SubmitRequest } from "../api/contract";
import { useTitle } from "../parts/title";
import { useSession } from "../session";
import { summarize } from "./fasta";
import { Field, OptionField } from "./fields";
import { MAIN_OPTIONS, MORE_OPTIONS, type OptionTexts, OUTPUTS, optionValues } from "./options";
import { PROGRAMS, programOf } from "./programs";
import { QueryInput, type QueryText } from "./query-input";

export default function SubmitForm() {
  useTitle("New search");
  const { config } = useSession();
  const [title, setTitle] = useState("");
  const [programName, setProgram] = useState("blastn");
  const [database, setDatabase] = useState("");
  const [query, setQuery] = useState<QueryText>({ text: "", file: null });
  const [options, setOptions] = useState<OptionTexts>({});
  const submit = useSubmit();

  const program = programOf(programName);
  const summary = useMemo(() => summarize(query.text), [query.text]);
  const databases = config.databases.filter(({ kind }) => kind === program.database);
  const problem = submit.error instanceof Problem ? submit.error : null;
  const faultOf = (field: string) =>
    problem?.faults.find((fault) => fault.field === field)?.message;
  const chosen = config.databases.find(({ name }) => name === database.trim());
  const doubts = [
    summary.kind && summary.kind !== program.query
      ? `The query looks like ${summary.kind} sequences; ${program.name} takes ${program.query} ones.`
      : "",
    chosen && chosen.kind !== program.database
      ? `${chosen.name} is a ${chosen.kind} database; ${program.name} searches a ${program.database} one.`
      : "",
  ].filter(Boolean);

  const send = (event: FormEvent) => {
    event.preventDefault();
    submit.mutate({
      ...(title.trim() && { title: title.trim() }),
      program: program.name,
      database: database.trim(),
      query: query.text,
      options: optionValues(program, options),
    });
  };
  const optionFields = (each: typeof MAIN_OPTIONS) =>
    each
      .filter(({ fits }) => fits?.(program) ?? true)
      .map((option) => (
        <OptionField
          key={option.name}
          option={option}
          value={options[option.name] ?? ""}
          fault={faultOf(`options.${option.name}`)}
          onChange={(value) => setOptions((before) => ({ ...before, [option.name]: value }))}
        />
      ));
  return (
    <form className="submit" onSubmit={send}>
      <h1>New search</h1>
      <fieldset className="choices">
        <legend>Program</legend>
        {PROGRAMS.map(({ name, text }) => (
          <label key={name}>
            <input
              type="radio"
              name="program"
              value={name}
              checked={name === program.name}
              onChange={() => setProgram(name)}
            />
            <span>
              <strong>{name}</strong> <small>{text}</small>
            </span>
          </label>
        ))}
      </fieldset>

      <QueryInput value={query} summary={summary} fault={faultOf("query")} onChange={setQuery} />

      <div className="fields">
        <Field
          label="Database"
          help={`Name of a ${program.database} database; several with blanks between them.`}
          fault={faultOf("database")}
        >
          {(attributes) => (
            <input
              {...attributes}
              required
              value={database}
              list="databases"
              spellCheck={false}
              onChange={(event) => setDatabase(event.target.value)}
            />
          )}
        </Field>
        <datalist id="databases">
          {databases.map((each) => (
            <option key={each.name} value={each.name}>
              {each.title}
            </option>
          ))}
        </datalist>
        <Field
          label="Title"
          help="Yours to find the job by; may be left empty."
          fault={faultOf("title")}
        >
          {(attributes) => (
            <input
              {...attributes}
              value={title}
              maxLength={200}
              onChange={(event) => setTitle(event.target.value)}
            />
          )}
        </Field>
        <Field label="Output" help="What BLAST writes. Only the first has the aligned sequences.">
          {(attributes) => (
            <select
              {...attributes}
              value={options.outfmt}
              onChange={(event) => setOptions({ ...options, outfmt: event.target.value })}
            >
              {Object.entries(OUTPUTS).map(([value, words]) => (
                <option key={value} value={value}>
                  {words}
                </option>
              ))}
            </select>
          )}
        </Field>
        {program.tasks.length > 0 && (
          <Field label="Task" help="A set of defaults: from fast and similar to slow and distant.">
            {(attributes) => (
              <select
                {...attributes}
                value={options.task ?? ""}
                onChange={(event) => setOptions({ ...options, task: event.target.value })}
              >
                <option value="">{program.tasks[0]} (default)</option>
                {program.tasks.slice(1).map((task) => (
                  <option key={task}>{task}</option>
                ))}
              </select>
            )}
          </Field>
        )}
        {optionFields(MAIN_OPTIONS)}
      </div>
      <details>
        <summary>More options</summary>
        <div className="fields">{optionFields(MORE_OPTIONS)}</div>
      </details>

      <div className="send">
        {doubts.map((doubt) => (
          <p key={doubt} className="note warn">
            {doubt}
          </p>
        ))}
        <div role="alert">{submit.error && <p className="note bad">{submit.error.message}</p>}</div>
        <button type="submit" className="primary" disabled={submit.isPending}>
          {submit.isPending ? "Submitting…" : "Search"}
        </button>
      </div>
    </form>
  );
}

/** Submit a search once, however often the same is sent: its key changes with what is asked. */
function useSubmit() {
  const { client } = useSession();
  const navigate = useNavigate();
  const cache = useQueryClient();
  const last = useRef({ request: "", key: "" });
  return useMutation({
    mutationFn: (request: SubmitRequest) => {
      const text = JSON.stringify(request);
      if (last.current.request !== text) last.current = { request: text, key: crypto.randomUUID() };
      return client.act<Job>("POST", "jobs", request, { "Idempotency-Key": last.current.key });
    },
    onSuccess: (job) => {
      cache.setQueryData(["job", job.job_id], job);
      void cache.invalidateQueries({ queryKey: ["jobs"] });
      return navigate(`/jobs/${job.job_id}`);
    },
  });
}
