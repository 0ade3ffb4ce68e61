import { shortReference } from '../../core/reference.ts';
import type { DeployRequest } from '../deployment.ts';
import { type DeployFile, yamlFile } from './deploy-file.ts';

/**
 * A manifest of wskdeploy with a web action in the default package
 * (https://github.com/apache/openwhisk-wskdeploy/blob/master/specification/html/spec_actions.md).
 */
export function wskdeployManifest({ row, image }: DeployRequest): DeployFile {
  const action = {
    docker: shortReference(image),
    web: true,
    // MB and milliseconds. 300,000 is OpenWhisk's maximum: models take long to start.
    limits: { memorySize: row.memory, timeout: 300_000 },
  };
  const manifest = { packages: { default: { actions: { [row.name]: action } } } };
  const commands = ['wskdeploy --manifest manifest.yaml', 'wskdeploy undeploy --manifest manifest.yaml'];
  return yamlFile('manifest.yaml', commands, manifest);
}
