/** Where an action's instances come from. */
export type InstanceSource =
  | {
      /** One process per instance. It listens on the port in `MODELWHISK_PORT`. */
      readonly kind: 'process';
      readonly command: string;
      readonly arguments: readonly string[];
      readonly environment: Readonly<Record<string, string>>;
      /** Working directory. */
      readonly directory: string;
    }
  | {
      /** A container that runs already, for example "http://172.17.0.2:8080". */
      readonly kind: 'container';
      readonly url: URL;
    }
  | {
      /** Any number of such containers. Calls are distributed over them. */
      readonly kind: 'workers';
      readonly workers: Workers;
      /** Default: those of this machine. */
      readonly dnsServer: { readonly address: string; readonly port: number } | undefined;
    }
  | {
      /** One Docker container per instance. */
      readonly kind: 'image';
      readonly image: string;
      readonly environment: Readonly<Record<string, string>>;
      /** Whether the file system is read-only, except /tmp. */
      readonly readOnly: boolean;
      /** Code for the image's own runtime, which gets it with /init. Most images contain their code. */
      readonly code?: string | undefined;
      /** Name of the function in `code`. Default: "main". */
      readonly main?: string | undefined;
    };

/** The source of the workers' addresses: a list, or DNS. */
export type Workers =
  | { readonly kind: 'list'; readonly urls: readonly URL[] }
  /** Every target of an SRV record, for example "_ocr._tcp.example". */
  | { readonly kind: 'service'; readonly name: string }
  /** Every address of a name. */
  | { readonly kind: 'host'; readonly name: string; readonly port: number };

/** The workers as --action names them: "http://a:8080,http://b:8080" or "dns+srv://_ocr._tcp.example". */
export function workersText(workers: Workers): string {
  switch (workers.kind) {
    case 'list':
      return workers.urls.map(({ href }) => href).join(',');
    case 'service':
      return `dns+srv://${workers.name}`;
    case 'host':
      return `dns+http://${workers.name}:${workers.port}`;
  }
}
