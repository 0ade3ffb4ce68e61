import type { ModelRow, ReadyCheck } from '../../core/row.ts';
import type { CommandFlags } from './command-flags.ts';
import type { PredictFlag } from './route-flags.ts';

/** An image that the catalogue does not name, and what its user says about it. */
export interface GuessRequest extends CommandFlags {
  /** Reference of the image, as for docker pull. */
  readonly image: string;
  /** The `config` of the image configuration (OCI image specification), or docker inspect's `Config`. */
  readonly config: unknown;
  readonly catalogue: readonly ModelRow[];
  /** `--port`: where the model server listens. Default: what the image exposes. */
  readonly port?: number | undefined;
  /** `--ready`, see parseReady. Default: once the port is open. */
  readonly ready?: ReadyCheck | undefined;
  /** `--predict`, see parsePredict. Default: that of the recognised server, else `POST /predict json`. */
  readonly predict?: PredictFlag | undefined;
  /** `--route`, see parsePredict: further routes where JSON may name the file. */
  readonly routes?: readonly PredictFlag[] | undefined;
  /** `--batch`, see parseBatch. Default: that of the recognised server, where the predict route is its own. */
  readonly batch?: object | 'off' | undefined;
  /** `--env NAME=VALUE`: variables for the model server, for example to move its port away from 8080. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** `--express MODULE[#EXPORT]`: an Express app in the image, run in the adapter's process. */
  readonly express?: string | undefined;
  /** `--set NAME=VALUE`: what fills in the template of a recognised server. */
  readonly set?: Readonly<Record<string, string>> | undefined;
}
