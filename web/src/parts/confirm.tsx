import { type ReactNode, useEffect, useId, useRef } from "react";

interface Question {
  title: string;
  action: string;
  children: ReactNode;
  onConfirm(): void;
  onClose(): void;
}

/** Ask once more before something that cannot be undone; focus is on the way out. */
export function Confirm({ title, action, children, onConfirm, onClose }: Question) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={onClose}>
      <h2 id={id}>{title}</h2>
      {children}
      <div className="buttons">
        {/* biome-ignore lint/a11y/noAutofocus: a dialog takes the focus */}
        <button type="button" autoFocus onClick={() => dialog.current?.close()}>
          Keep it
        </button>
        <button
          type="button"
          className="danger"
          onClick={() => {
            onConfirm();
            dialog.current?.close();
          }}
        >
          {action}
        </button>
      </div>
    </dialog>
  );
}
