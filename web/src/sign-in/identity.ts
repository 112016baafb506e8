/** Who the caller is, and how a request says so. */
export interface Identity {
  name: string;
  headers(): Promise<Record<string, string>>;
  leave(): void;
}
