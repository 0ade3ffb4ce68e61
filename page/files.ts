/** A file of a page, ready to be sent. */
export interface PageFile {
  readonly contentType: string;
  readonly content: Uint8Array;
}

/** Files by path: "/", "/_page/main.js", "/_page/style.css". */
export type PageFiles = ReadonlyMap<string, PageFile>;
