/** Who the caller is, and how a request says so. */
export interface Identity {
  name: string;
  headers(): Promise<Record<string, string>>;
  /** Prove anew who the caller is, after a refusal; false where that is not possible. */
  renew(): Promise<boolean>;
  leave(): void;
}
