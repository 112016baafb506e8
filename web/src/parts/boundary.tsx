import { Component, type ReactNode } from "react";

interface Props {
  /** The address of what is shown; at another one it is tried anew. */
  at: string;
  children: ReactNode;
}

interface State {
  at: string;
  error: Error | null;
}

/** Says that a part could not be fetched or drawn, where the whole page would go blank: after a release, its files are others. */
export class Boundary extends Component<Props, State> {
  override state: State = { at: this.props.at, error: null };

  static getDerivedStateFromError(error: Error): Partial<State> {
    return { error };
  }

  static getDerivedStateFromProps({ at }: Props, state: State): State | null {
    return at === state.at ? null : { at, error: null };
  }

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <div className="note bad" role="alert">
        <p>This part of the page could not be shown. {error.message}</p>
        <button type="button" onClick={() => location.reload()}>
          Load the page again
        </button>
      </div>
    );
  }
}
