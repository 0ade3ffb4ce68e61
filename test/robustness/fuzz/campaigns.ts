import { bodyCampaigns } from './bodies.ts';
import type { Campaign } from './campaign.ts';
import { requestCampaigns } from './round-trip-requests.ts';
import { webParameterCampaigns } from './web-parameters.ts';

export const campaigns: readonly Campaign[] = [...bodyCampaigns, ...webParameterCampaigns, ...requestCampaigns];
