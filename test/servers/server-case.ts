import type { ContainerConfig } from '../../image/container-config.ts';
import type { GuessRequest } from '../../image/catalogue/guess-request.ts';
import type { Call } from './call.ts';

/**
 * A common model server with a tiny model, in its users' typical image, and its expected behaviour behind the adapter.
 */
export interface ServerCase {
  /** Name of the folder with its files, also its name on the command line. */
  readonly name: string;
  /** Requirements for pip. */
  readonly packages: readonly string[];
  /** Debian's packages that pip cannot install, and a command that succeeds if they are installed. */
  readonly debian?: { readonly packages: string; readonly check: string };
  /** The Python for the server, whose packages it can use. Default: python3, without its packages. */
  readonly python?: string;
  /** Working directory of the image, with the files of the folder. Its first part exists in every Debian. */
  readonly directory: string;
  /** A shell command that makes the model, run once in the folder. */
  readonly prepare?: string;
  /** Name and configuration of the image. */
  readonly image: { readonly name: string; readonly config: ContainerConfig };
  /** How its users describe it to build.ts: the first way has all checks, the others must start and predict. */
  readonly described: readonly [Described, ...Described[]];
  readonly predict: Call;
  /** A call that the server refuses. */
  readonly refused?: Call;
  /** A call that names its input by a URL below `files`, and a call with the input itself, with the same answer. */
  readonly reference?: { readonly named: (files: string) => Call; readonly sent: (files: string) => Call };
  /** Processes to kill. The next call is answered. */
  readonly crashes: readonly Crash[];
  /** A call that is answered in pieces with pauses. It may depend on the reply to another call. */
  readonly stream?: Call | { readonly first: Call; readonly second: (reply: string) => Call };
  /** Parts that differ between two replies to the same call, such as times. */
  readonly varying?: RegExp;
  /** Starts that fail. */
  readonly failures?: readonly Failure[];
}

export interface Crash {
  readonly what: string;
  /** Their command line (see proc(5)). */
  readonly processes: RegExp;
  /** The server's behaviour for a call to a worker that was just killed, if such a call is not answered. */
  readonly loses?: string;
}

export interface Failure {
  /** Variables that make the server fail. */
  readonly environment: Readonly<Record<string, string>>;
  /** The expected message in the log. */
  readonly says: RegExp;
}

export type Described =
  | { readonly by: 'guess'; readonly flags: Omit<GuessRequest, 'image' | 'config' | 'catalogue'> }
  | { readonly by: 'template'; readonly name: string; readonly values: Readonly<Record<string, string>> };
