import { azure } from './azure/platform.ts';
import { http } from './http/platform.ts';
import { lambda } from './lambda/platform.ts';
import { openwhisk } from './openwhisk/platform.ts';
import type { Platform } from './platform.ts';
import { sagemaker } from './sagemaker/platform.ts';
import { scf } from './scf/platform.ts';
import { vertex } from './vertex/platform.ts';

/** All platforms of the adapter. */
export const platforms: readonly Platform[] = [openwhisk, lambda, sagemaker, vertex, azure, scf, http];

/** The platform if the environment has no platform's marks. */
export const defaultPlatform = openwhisk;
