import type { Setting } from '../../core/settings.ts';
import { archiveSettings } from '../archive/settings.ts';
import { fetchSettings } from '../fetch/policy.ts';
import { platforms } from '../platforms/platforms.ts';

/** The settings that belong together, under one heading of docs/settings.md. */
export interface SettingGroup {
  readonly title: string;
  readonly settings: readonly Setting[];
}

const call: readonly Setting[] = [
  {
    name: 'MODELWHISK_LOG',
    meaning: 'One JSON line for each call (sizes and times, never contents): `json` or `off`.',
    default: 'json',
  },
  {
    name: 'MODELWHISK_CORS',
    meaning: 'Who answers for `access-control-*`: the `platform` or the `model`.',
    default: 'platform',
  },
  {
    name: 'MODELWHISK_ERROR_OUTPUT',
    meaning: 'Who reads what the model server wrote last where it failed: the `log` alone, or callers too (`reply`).',
    default: 'log',
  },
  {
    name: 'MODELWHISK_HEADERS_MAX_BYTES',
    meaning: 'Most bytes of a request line with its headers, where the adapter serves HTTP.',
    default: '65536',
  },
  {
    name: 'MODELWHISK_BODY_MAX_BYTES',
    meaning: 'Most bytes of a body that is held in memory.',
    default: '33554432',
  },
  {
    name: 'MODELWHISK_DEADLINE_MARGIN',
    meaning: 'Milliseconds before the deadline at which a running call becomes a 504.',
    default: '500',
  },
  {
    name: 'MODELWHISK_DRAIN_TIMEOUT',
    meaning: 'Milliseconds that running calls get after SIGTERM.',
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
      'Variables that the model server gets although they are withheld on the platform, as `AWS_*,IDENTITY_HEADER`: see [docs/trust.md](trust.md).',
    otherwise: 'none',
  },
  { name: 'MODELWHISK_ADDRESS', meaning: 'IP address to listen on.', otherwise: "the platform's own, else every one" },
  { name: 'MODELWHISK_PORT', meaning: 'TCP port to listen on.', otherwise: "the platform's own" },
];

const image: readonly Setting[] = [
  { name: 'MODELWHISK_MODEL', meaning: "The model's row, as JSON.", otherwise: 'refused' },
  {
    name: 'MODELWHISK_BASE',
    meaning: "The image's own entrypoint, command and environment, as JSON.",
    otherwise: 'an Express app needs none',
  },
  {
    name: 'MODELWHISK_CHECKSUM',
    meaning: 'Tells that these two are as `build.ts` wrote them.',
    otherwise: 'both are checked at the start',
  },
];

/** Every setting of the adapter. */
export const knownSettings: readonly SettingGroup[] = [
  { title: 'Calls', settings: call },
  { title: 'Platform', settings: surroundings },
  { title: 'Files that a caller names', settings: fetchSettings },
  { title: 'A model outside of its image', settings: archiveSettings },
  ...platforms
    .filter(({ settings }) => settings.length > 0)
    .map(({ name, settings }) => ({ title: `On the platform \`${name}\` alone`, settings })),
  { title: 'What build.ts writes into the image', settings: image },
];
