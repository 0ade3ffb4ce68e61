import type { Setting } from '../../core/settings.ts';
import { archiveSettings } from '../archive/settings.ts';
import { fetchSettings } from '../fetch/policy.ts';
import { platforms } from '../platforms/platforms.ts';

/** A group of settings, with its heading in docs/settings.md. */
export interface SettingGroup {
  readonly title: string;
  readonly settings: readonly Setting[];
}

const call: readonly Setting[] = [
  {
    name: 'MODELWHISK_LOG',
    meaning:
      'One line of JSON in the log at the start (version, platform, model) and per call (sizes and times, never contents), and lines of JSON of the model server as they are: `json` or `off`.',
    default: 'json',
  },
  {
    name: 'MODELWHISK_CORS',
    meaning: 'Who sets the headers `access-control-*`: the `platform` or the `model`.',
    default: 'platform',
  },
  {
    name: 'MODELWHISK_ERROR_OUTPUT',
    meaning: "Where the model server's last output goes after a failure: only to the `log`, or also into the `reply`.",
    default: 'log',
  },
  {
    name: 'MODELWHISK_HEADERS_MAX_BYTES',
    meaning: 'Largest size of a request line with its headers, in bytes, on platforms with plain HTTP.',
    default: '65536',
  },
  {
    name: 'MODELWHISK_BODY_MAX_BYTES',
    meaning: 'Largest body that is held in memory, in bytes.',
    default: '33554432',
  },
  {
    name: 'MODELWHISK_BATCH',
    meaning:
      'Whether calls may share a request where the row has a `batch` ([docs/batching.md](batching.md)): `on` or `off`.',
    default: 'on',
  },
  {
    name: 'MODELWHISK_DEADLINE_MARGIN',
    meaning: 'Milliseconds before the deadline at which a running call becomes a 504.',
    default: '500',
  },
  {
    name: 'MODELWHISK_DRAIN_TIMEOUT',
    meaning: 'Milliseconds that running calls have to finish after SIGTERM.',
    otherwise: "each call's own time limit",
  },
];

const surroundings: readonly Setting[] = [
  {
    name: 'MODELWHISK_PLATFORM',
    meaning: `The platform: ${platforms.map(({ name }) => `\`${name}\``).join(', ')}.`,
    otherwise: 'recognised by the variables that it sets',
  },
  {
    name: 'MODELWHISK_PASS_VARIABLES',
    meaning:
      'Variables that the model server gets although the platform withholds them, for example `AWS_*,IDENTITY_HEADER`: see [docs/trust.md](trust.md).',
    otherwise: 'none',
  },
  { name: 'MODELWHISK_ADDRESS', meaning: 'IP address to listen on.', otherwise: "the platform's, or all addresses" },
  { name: 'MODELWHISK_PORT', meaning: 'TCP port to listen on.', otherwise: "the platform's" },
  {
    name: 'MODELWHISK_WARM_UP',
    meaning:
      'A request that is sent once the model server is ready, and before calls are taken: a method, a path and perhaps JSON, for example `POST /predict {"x":1}`. `off` for none.',
    otherwise: "the row's `warmUp`",
  },
  {
    name: 'MODELWHISK_METRICS_PORT',
    meaning: 'TCP port of `/metrics` (for Prometheus), `/livez` and `/readyz`: see [docs/operators.md](operators.md).',
    otherwise: 'none',
  },
];

const image: readonly Setting[] = [
  { name: 'MODELWHISK_MODEL', meaning: "The model's row, as JSON.", otherwise: 'refused' },
  {
    name: 'MODELWHISK_BASE',
    meaning: "The image's own entrypoint, command and environment, as JSON.",
    otherwise: 'not needed for an Express app',
  },
  {
    name: 'MODELWHISK_CHECKSUM',
    meaning: 'Checksum of these two, as `build.ts` wrote them.',
    otherwise: 'both are validated at the start',
  },
];

/** Every setting of the adapter. */
export const knownSettings: readonly SettingGroup[] = [
  { title: 'Calls', settings: call },
  { title: 'Platform', settings: surroundings },
  { title: 'Files that a caller names', settings: fetchSettings },
  { title: 'A model outside its image', settings: archiveSettings },
  ...platforms
    .filter(({ settings }) => settings.length > 0)
    .map(({ name, settings }) => ({ title: `Only on the platform \`${name}\``, settings })),
  { title: 'What build.ts writes into the image', settings: image },
];
