import { suites as azure } from '../adapter/platforms/azure/contract.ts';
import { suites as http } from '../adapter/platforms/http/contract.ts';
import { suites as lambda } from '../adapter/platforms/lambda/contract.ts';
import { suites as openWhisk } from '../adapter/platforms/openwhisk/contract.ts';
import { suites as sagemaker } from '../adapter/platforms/sagemaker/contract.ts';
import { suites as scf } from '../adapter/platforms/scf/contract.ts';
import { suites as vertex } from '../adapter/platforms/vertex/contract.ts';
import type { PlatformSuite } from './platform-suite.ts';

/** The ways in which each platform calls the adapter, in the order of the README. */
const platforms: readonly (readonly PlatformSuite[])[] = [openWhisk, lambda, sagemaker, vertex, azure, scf, http];

/** Every way in which a platform calls the adapter. */
export const allSuites: readonly PlatformSuite[] = platforms.flat();

/** One way for each platform. */
export const onePerPlatform: readonly PlatformSuite[] = platforms.flatMap((suites) => suites.slice(0, 1));

/** Those under a URL that a service can push events to. Callers of SageMaker and Vertex AI sign their calls. */
export const urlSuites: readonly PlatformSuite[] = [...openWhisk, ...lambda, ...azure, ...scf, ...http];
