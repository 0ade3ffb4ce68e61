import type { ContainerConfig } from '../../image/container-config.ts';
import type { GuessRequest } from '../../image/catalogue/guess.ts';
import type { Call } from './call.ts';

/** A model server of the field with a tiny model, as its users put it into an image, and what it must do when wrapped. */
export interface ServerCase {
  /** Name of the folder with its files, and what the command line calls it. */
  readonly name: string;
  /** Requirements, as pip takes them. */
  readonly packages: readonly string[];
  /** What pip cannot install: Debian's packages, and a command that succeeds where they are. */
  readonly debian?: { readonly packages: string; readonly check: string };
  /** The Python that the server is installed for, with the packages that it has. Default: python3, with none. */
  readonly python?: string;
  /** Where the image has the files of the folder; its working directory. Its first part is a folder of every Debian. */
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
  /** A call that names its input by a URL below `files`, and a direct one that has the same answer. */
  readonly reference?: { readonly named: (files: string) => Call; readonly sent: (files: string) => Call };
  /** What is killed; the next call is answered. */
  readonly crashes: readonly Crash[];
  /** A call that is answered in pieces, with a pause between them; it may be made of the reply to another one. */
  readonly stream?: Call | { readonly first: Call; readonly second: (reply: string) => Call };
  /** What differs between two replies to the same call, as times do. */
  readonly varying?: RegExp;
  /** Starts that fail. */
  readonly failures?: readonly Failure[];
}

export interface Crash {
  readonly what: string;
  /** Their command line, as proc(5) has it. */
  readonly processes: RegExp;
  /** What the server does with a call that meets a worker just killed, where nobody can answer it. */
  readonly loses?: string;
}

export interface Failure {
  /** Variables that make the server fail. */
  readonly environment: Readonly<Record<string, string>>;
  /** What the log says then. */
  readonly says: RegExp;
  /** A call that the broken server answers well, where nothing tells that it will never be ready. */
  readonly though?: Call;
}

export type Described =
  | { readonly by: 'guess'; readonly flags: Omit<GuessRequest, 'image' | 'config' | 'catalogue'> }
  | { readonly by: 'template'; readonly name: string; readonly values: Readonly<Record<string, string>> };
