import { archiveCampaigns } from './archives.ts';
import { bodyCampaigns } from './bodies.ts';
import type { Campaign } from './campaign.ts';
import { configurationCampaigns } from './configuration.ts';
import { contentTypeCampaigns } from './content-types.ts';
import { gatewayCampaigns } from './gateway.ts';
import { jsonBytesCampaigns } from './json-bytes.ts';
import { longBodyCampaigns } from './long-bodies.ts';
import { platformEventCampaigns } from './platform-events.ts';
import { registryServerCampaigns } from './registry-server.ts';
import { registryCampaigns } from './registry.ts';
import { replyCampaigns } from './round-trip-replies.ts';
import { requestCampaigns } from './round-trip-requests.ts';
import { webParameterCampaigns } from './web-parameters.ts';

export const campaigns: readonly Campaign[] = [
  ...bodyCampaigns,
  ...webParameterCampaigns,
  ...requestCampaigns,
  ...replyCampaigns,
  ...longBodyCampaigns,
  ...jsonBytesCampaigns,
  ...platformEventCampaigns,
  ...gatewayCampaigns,
  ...contentTypeCampaigns,
  ...configurationCampaigns,
  ...registryCampaigns,
  ...registryServerCampaigns,
  ...archiveCampaigns,
];
