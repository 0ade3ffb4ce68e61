import { describe, expect, test } from 'vitest';
import { findRow, parseRow } from '../../image/catalogue/catalogue.ts';
import { type DeployRequest, type DeployTarget, deployTargets } from '../../deploy/deployment.ts';
import { deploymentOn } from '../../deploy/platforms.ts';
import { parseTarget } from '../../core/reference.ts';
import { modelRow } from '../../core/row.ts';
import { filledRows, rows } from '../image/rows.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const ecr = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

function requestOf(image: string, row = findRow(rows, 'digits')): DeployRequest {
  return { row, image: parseTarget(image), digest, platform: 'linux/amd64', insecure: [], program: './build.ts' };
}

/** The commands, the call last. */
function linesOn(target: DeployTarget, image: string, request: Partial<DeployRequest> = {}): readonly string[] {
  const { steps, call } = deploymentOn(target, { ...requestOf(image), ...request });
  return [...steps, call].map(({ command }) => command);
}

const curl = 'curl -F image=@examples/digits/samples/7.png';

const stored = 'ACCOUNT.dkr.ecr.REGION.amazonaws.com/digits:latest';
const toEcr = `REGISTRY_USERNAME=AWS REGISTRY_PASSWORD="$(aws ecr get-login-password --region REGION)" ./build.ts copy me/digits ${stored}`;

const toArtifactRegistry =
  'REGISTRY_USERNAME=oauth2accesstoken REGISTRY_PASSWORD="$(gcloud auth print-access-token)" ./build.ts copy ' +
  'me/digits REGION-docker.pkg.dev/PROJECT/modelwhisk/digits:latest';
const vertexEndpoint = `"$(gcloud ai endpoints list --filter display_name=digits --format 'value(name)' --region REGION)"`;

test.each<[DeployTarget, string, readonly string[]]>([
  [
    'openwhisk',
    'me/digits',
    [
      'wsk action create digits --docker me/digits --web true -m 512 -t 300000',
      `${curl} https://APIHOST/api/v1/web/NAMESPACE/default/digits`,
    ],
  ],
  [
    'lambda',
    'me/digits:v1',
    [
      'aws ecr create-repository --repository-name digits --region REGION',
      'REGISTRY_USERNAME=AWS REGISTRY_PASSWORD="$(aws ecr get-login-password --region REGION)" ./build.ts copy ' +
        'me/digits:v1 ACCOUNT.dkr.ecr.REGION.amazonaws.com/digits:v1',
      'aws lambda create-function --function-name digits --package-type Image ' +
        '--code ImageUri=ACCOUNT.dkr.ecr.REGION.amazonaws.com/digits:v1 --role arn:aws:iam::ACCOUNT:role/ROLE ' +
        '--architectures x86_64 --memory-size 512 --timeout 300 --region REGION',
      'aws lambda wait function-active-v2 --function-name digits --region REGION',
      'aws lambda create-function-url-config --function-name digits --auth-type NONE --region REGION',
      'aws lambda add-permission --function-name digits --statement-id public-url --action lambda:InvokeFunctionUrl ' +
        "--principal '*' --function-url-auth-type NONE --region REGION",
      'aws lambda add-permission --function-name digits --statement-id public-invoke --action lambda:InvokeFunction ' +
        "--principal '*' --invoked-via-function-url --region REGION",
      `${curl} https://URL-ID.lambda-url.REGION.on.aws/model/predict`,
    ],
  ],
  [
    'sagemaker',
    'me/digits',
    [
      'aws ecr create-repository --repository-name digits --region REGION',
      toEcr,
      `aws sagemaker create-model --model-name digits --primary-container Image=${stored} ` +
        '--execution-role-arn arn:aws:iam::ACCOUNT:role/ROLE --region REGION',
      'aws sagemaker create-endpoint-config --endpoint-config-name digits --production-variants ' +
        'VariantName=all,ModelName=digits,InitialInstanceCount=1,InstanceType=ml.m5.large --region REGION',
      'aws sagemaker create-endpoint --endpoint-name digits --endpoint-config-name digits --region REGION',
      'aws sagemaker wait endpoint-in-service --endpoint-name digits --region REGION',
      'aws sagemaker-runtime invoke-endpoint --endpoint-name digits --content-type image/png ' +
        '--body fileb://examples/digits/samples/7.png --region REGION /dev/stdout',
    ],
  ],
  [
    'vertex',
    'me/digits',
    [
      'gcloud artifacts repositories create modelwhisk --repository-format docker --location REGION',
      toArtifactRegistry,
      'gcloud ai models upload --display-name digits --model-id digits ' +
        '--container-image-uri REGION-docker.pkg.dev/PROJECT/modelwhisk/digits:latest --container-ports 8080 ' +
        '--container-health-route /health --container-predict-route /predict ' +
        '--container-env-vars MODELWHISK_VERTEX_ENDPOINT=shared --region REGION',
      'gcloud ai endpoints create --display-name digits --region REGION',
      `gcloud ai endpoints deploy-model ${vertexEndpoint} --model digits --display-name digits ` +
        '--machine-type n1-standard-2 --min-replica-count 1 --traffic-split 0=100 --region REGION',
      `gcloud ai endpoints raw-predict ${vertexEndpoint} --http-headers Content-Type=image/png ` +
        '--request @examples/digits/samples/7.png --region REGION',
    ],
  ],
  [
    'scf',
    'me/digits',
    [
      './build.ts copy me/digits ccr.ccs.tencentyun.com/NAMESPACE/digits:latest',
      'tccli scf CreateFunction --FunctionName digits --cli-unfold-argument --Type HTTP ' +
        '--Code.ImageConfig.ImageType personal ' +
        `--Code.ImageConfig.ImageUri ccr.ccs.tencentyun.com/NAMESPACE/digits:latest@${digest} ` +
        '--MemorySize 512 --Timeout 300 --InitTimeout 300 --Environment.Variables.0.Key MODELWHISK_SCF_FUNCTION --Environment.Variables.0.Value web --region REGION',
      'tccli scf CreateTrigger --FunctionName digits --TriggerName url --Type http --TriggerDesc ' +
        `'{"AuthType":"NONE","NetConfig":{"EnableIntranet":false,"EnableExtranet":true}}' --region REGION`,
      `${curl} https://APPID-ID.REGION.tencentscf.com/model/predict`,
    ],
  ],
  [
    'azure',
    'me/digits:v1',
    [
      'docker build --platform linux/amd64 --build-arg IMAGE=me/digits:v1 --tag me/digits-azure:v1 examples/azure',
      'docker push me/digits-azure:v1',
      'az group create --name GROUP --location REGION',
      'az storage account create --name STORAGE --resource-group GROUP',
      'az functionapp plan create --name PLAN --resource-group GROUP --sku EP1 --is-linux',
      'az functionapp create --name digits-SUFFIX --resource-group GROUP --plan PLAN --storage-account STORAGE ' +
        '--functions-version 4 --os-type Linux --image docker.io/me/digits-azure:v1',
      'az functionapp config appsettings set --name digits-SUFFIX --resource-group GROUP ' +
        '--settings FUNCTIONS_WORKER_RUNTIME=custom',
      `${curl} https://digits-SUFFIX.azurewebsites.net/api/model/predict`,
    ],
  ],
  [
    'knative',
    'quay.io/me/digits:v1',
    [
      'kn service create digits --image quay.io/me/digits:v1 --request memory=512Mi --limit memory=512Mi ' +
        '--security-context none',
      `${curl} http://digits.NAMESPACE.DOMAIN/model/predict`,
    ],
  ],
  [
    'cloud-run',
    'me/digits',
    [
      'gcloud run deploy digits --image docker.io/me/digits:latest --memory 512Mi --cpu 1 --allow-unauthenticated ' +
        '--region REGION',
      `${curl} https://digits-PROJECT_NUMBER.REGION.run.app/model/predict`,
    ],
  ],
  [
    'code-engine',
    'me/digits',
    [
      'ibmcloud ce application create --name digits --image docker.io/me/digits:latest --cpu 0.25 --memory 0.5G',
      `${curl} https://digits.ID.REGION.codeengine.appdomain.cloud/model/predict`,
    ],
  ],
])('the lines that deploy on %s and call it there', (target, image, lines) => {
  expect(linesOn(target, image)).toEqual(lines);
});

describe('an image is copied first only if the platform cannot read its registry', () => {
  test.each<[DeployTarget, string, string | undefined]>([
    ['lambda', 'quay.io/me/digits', 'ACCOUNT.dkr.ecr.REGION.amazonaws.com/digits:latest'],
    ['lambda', `${ecr}/digits:v1`, undefined],
    ['sagemaker', 'quay.io/me/digits', 'ACCOUNT.dkr.ecr.REGION.amazonaws.com/digits:latest'],
    ['sagemaker', `${ecr}/digits:v1`, undefined],
    ['vertex', 'ghcr.io/me/digits', 'REGION-docker.pkg.dev/PROJECT/modelwhisk/digits:latest'],
    ['vertex', 'europe-west1-docker.pkg.dev/p/r/digits', undefined],
    ['scf', 'ghcr.io/me/digits', 'ccr.ccs.tencentyun.com/NAMESPACE/digits:latest'],
    ['scf', 'ccr.ccs.tencentyun.com/me/digits', undefined],
    ['scf', 'models.tencentcloudcr.com/me/digits', undefined],
    ['cloud-run', 'quay.io/me/digits', 'REGION-docker.pkg.dev/PROJECT/modelwhisk/digits:latest'],
    ['cloud-run', 'ghcr.io/me/digits', undefined],
    ['cloud-run', 'europe-west1-docker.pkg.dev/p/r/digits', undefined],
    ['azure', 'quay.io/me/digits', undefined],
    ['knative', 'localhost:5000/me/digits', undefined],
    ['code-engine', 'quay.io/me/digits', undefined],
    ['openwhisk', 'quay.io/me/digits', undefined],
  ])('%s, %s', (target, image, copied) => {
    const copy = linesOn(target, image).find((line) => line.includes('./build.ts copy'));
    expect(copy?.split(' ').at(-1)).toBe(copied);
    expect(linesOn(target, image).slice(0, -1).join('\n')).toContain(copied ?? image);
  });

  test('over plain HTTP for a host of --insecure', () => {
    const [copy] = linesOn('scf', 'registry.local:5000/me/digits', { insecure: ['registry.local:5000'] });
    expect(copy).toMatch(/^\.\/build\.ts copy registry\.local:5000\/me\/digits .* --insecure registry\.local:5000$/);
  });
});

test('the reference of an image in ECR has account and region', () => {
  const lines = linesOn('lambda', `${ecr}/digits:v1`);
  expect(lines[0]).toContain(`ImageUri=${ecr}/digits:v1 --role arn:aws:iam::123456789012:role/ROLE`);
  expect(lines.every((line) => !/ACCOUNT|REGION\b/.test(line))).toBe(true);
});

test('an enterprise registry of Tencent is named as one', () => {
  expect(linesOn('scf', 'models.tencentcloudcr.com/me/digits')[0]).toContain(
    '--Code.ImageConfig.ImageType enterprise --Code.ImageConfig.RegistryId REGISTRY_ID ' +
      `--Code.ImageConfig.ImageUri models.tencentcloudcr.com/me/digits:latest@${digest}`,
  );
});

test('arm64 is chosen on Lambda, and noted on platforms where it does not run', () => {
  const request = { ...requestOf('me/digits'), platform: 'linux/arm64' };
  expect(linesOn('lambda', 'me/digits', request).join('\n')).toContain('--architectures arm64');
  for (const target of ['scf', 'cloud-run', 'sagemaker', 'vertex'] as const) {
    expect(deploymentOn(target, request).notes).toContainEqual(expect.stringContaining('linux/amd64 only'));
  }
});

describe('memory is the row’s, in the platform’s unit', () => {
  test.each<[DeployTarget, number, string, string | undefined]>([
    ['openwhisk', 512, '-m 512 -t 300000', undefined],
    ['openwhisk', 2048, '-m 2048', '512 MB'],
    ['lambda', 4096, '--memory-size 4096', undefined],
    ['lambda', 16_000, '--memory-size 10240', '10240 MB at most'],
    ['sagemaker', 9000, 'InstanceType=ml.m5.xlarge', undefined],
    ['sagemaker', 200_000, 'InstanceType=ml.m5.12xlarge', 'ml.m5.12xlarge has 196608 MB'],
    ['vertex', 9000, '--machine-type n1-standard-4', undefined],
    ['vertex', 200_000, '--machine-type n1-standard-32', 'n1-standard-32 has 122880 MB'],
    ['scf', 1000, '--MemorySize 1024', undefined],
    ['scf', 8192, '--MemorySize 3072', '3072 MB at most'],
    ['azure', 4096, '--sku EP2', undefined],
    ['azure', 30_000, '--sku EP3', 'EP3 has 14336 MB'],
    ['knative', 4096, 'memory=4096Mi', undefined],
    ['cloud-run', 128, '--memory 512Mi --cpu 1', undefined],
    ['cloud-run', 8192, '--memory 8192Mi --cpu 2', undefined],
    ['cloud-run', 30_000, '--memory 30000Mi --cpu 8', undefined],
    ['cloud-run', 64_000, '--memory 32768Mi --cpu 8', '32768 MB at most'],
    ['code-engine', 2048, '--cpu 1 --memory 2G', undefined],
    ['code-engine', 20_000, '--cpu 6 --memory 24G', undefined],
    ['code-engine', 64_000, '--cpu 8 --memory 32G', '32 GB at most'],
  ])('%s, %i MB', (target, memory, words, note) => {
    const row = { ...findRow(rows, 'digits'), memory };
    const { steps, notes } = deploymentOn(target, requestOf('me/digits', row));
    expect(steps.map(({ command }) => command).join('\n')).toContain(words);
    const about = notes.filter((text) => / MB | MB$| GB /.test(text)).join();
    expect(about.includes(note ?? '') && (about === '') === (note === undefined)).toBe(true);
  });
});

describe('a GPU is the row’s, and noted on platforms without GPUs', () => {
  test.each<[DeployTarget, string | undefined, string | undefined]>([
    ['openwhisk', undefined, 'the row asks for a GPU, OpenWhisk has none'],
    ['lambda', undefined, 'Lambda has none'],
    ['scf', undefined, 'chosen in the console of SCF'],
    ['azure', undefined, 'Azure Functions has none'],
    ['sagemaker', 'InstanceType=ml.g5.xlarge', undefined],
    ['vertex', '--machine-type g2-standard-4 --accelerator count=1,type=nvidia-l4', undefined],
    ['knative', '--limit memory=512Mi --limit nvidia.com/gpu=1', undefined],
    [
      'cloud-run',
      '--memory 16384Mi --cpu 4 --gpu 1 --gpu-type nvidia-l4 --no-gpu-zonal-redundancy --no-cpu-throttling',
      undefined,
    ],
    ['code-engine', undefined, 'a Code Engine application has none'],
    ['sagemaker', 'InstanceType=ml.g5.xlarge', undefined],
    ['vertex', '--machine-type g2-standard-4 --accelerator count=1,type=nvidia-l4', undefined],
  ])('%s', (target, words, note) => {
    const row = findRow(rows, 'digits');
    const linesWith = (gpu?: number): string =>
      linesOn(target, 'me/digits', { row: { ...row, ...(gpu !== undefined && { gpu }) } }).join('\n');
    expect(linesWith(1).includes(words ?? 'gpu')).toBe(words !== undefined);
    expect(linesWith()).not.toMatch(/gpu/i);
    const { notes } = deploymentOn(target, requestOf('me/digits', { ...row, gpu: 1 }));
    expect(notes.filter((text) => text.includes('GPU')).join()).toContain(note ?? '');
    expect(notes.some((text) => text.includes('GPU'))).toBe(note !== undefined);
  });

  test('Cloud Run has one for an instance', () => {
    const { notes } = deploymentOn('cloud-run', requestOf('me/digits', { ...findRow(rows, 'digits'), gpu: 2 }));
    expect(notes).toContain('the row asks for 2 GPUs, Cloud Run has 1 at most');
  });
});

test('OpenWhisk gives a container several calls only by setting, which is noted for a row with batches', () => {
  const batch = modelRow.shape.batch.parse({ path: '/predict', input: '/instances', output: '/predictions' });
  const noteWith = (row: DeployRequest['row']): string | undefined =>
    deploymentOn('openwhisk', requestOf('me/digits', row)).notes.find((text) => text.includes('-c 32 -l 0'));
  const { batch: _batch, ...single } = findRow(rows, 'digits');
  expect(noteWith(single)).toBeUndefined();
  expect(noteWith({ ...single, ...(batch && { batch }) })).toContain('batch');
});

const names: Readonly<Record<Exclude<DeployTarget, 'openwhisk'>, RegExp>> = {
  lambda: /--function-name [\w-]{1,64} /,
  sagemaker: /--model-name [a-z0-9][a-z0-9-]{0,49} /,
  vertex: /--model-id [a-z][a-z0-9-]{0,59} /,
  scf: /--FunctionName [a-z][a-z0-9-]{0,58}[a-z0-9] /,
  azure: /--name [a-z][a-z0-9-]{0,40}-SUFFIX /,
  knative: /create [a-z][a-z0-9-]{0,61}[a-z0-9] /,
  'cloud-run': /deploy [a-z][a-z0-9-]{0,47}[a-z0-9] /,
  'code-engine': /--name [a-z][a-z0-9-]{0,33}[a-z0-9] /,
};

test.each(Object.entries(names))('every name fits %s', (target, pattern) => {
  const odd = ['2.5_model', `a${'-long'.repeat(20)}`].map((name) => ({ ...findRow(rows, 'digits'), name }));
  for (const row of [...filledRows, ...odd]) {
    const lines = linesOn(target as DeployTarget, 'me/x', { row });
    expect(lines.slice(0, -1).some((line) => pattern.test(line))).toBe(true);
  }
});

describe('the call sends the row’s sample to its predict route', () => {
  const row = parseRow(
    {
      name: 'iris',
      title: 'Iris',
      image: 'me/iris',
      server: { kind: 'http', port: 5000 },
      predict: { path: '/v1/go', input: { kind: 'json' } },
      sample: { json: [1] },
    },
    'row',
  );

  test.each(deployTargets.filter((target) => target !== 'sagemaker' && target !== 'vertex'))('on %s', (target) => {
    const call = linesOn(target, 'me/iris', { row }).at(-1);
    expect(call).toMatch(/^curl -H 'Content-Type: application\/json' -d '\[1\]' https?:/);
    expect(call?.endsWith(target === 'openwhisk' ? '/default/iris' : '/v1/go')).toBe(true);
  });

  test('on vertex, which has no URL for it', () => {
    expect(linesOn('vertex', 'me/iris', { row }).at(-1)).toContain(
      "--http-headers Content-Type=application/json --request '[1]'",
    );
  });

  test('on sagemaker, which has one path for calls and signs them', () => {
    expect(linesOn('sagemaker', 'me/iris', { row }).at(-1)).toContain(
      "--content-type application/json --cli-binary-format raw-in-base64-out --body '[1]'",
    );
  });
});

test.each<[DeployTarget, update: readonly string[], remove: readonly string[], exists: string]>([
  [
    'openwhisk',
    ['wsk action update digits --docker me/digits --web true -m 512 -t 300000'],
    ['wsk action delete digits'],
    'wsk action get digits --summary',
  ],
  [
    'lambda',
    [
      toEcr,
      `aws lambda update-function-code --function-name digits --image-uri ${stored} --architectures x86_64 --region REGION`,
      'aws lambda wait function-updated-v2 --function-name digits --region REGION',
    ],
    [
      'aws lambda delete-function --function-name digits --region REGION',
      'aws ecr delete-repository --repository-name digits --force --region REGION',
    ],
    'aws lambda get-function --function-name digits --region REGION',
  ],
  [
    'sagemaker',
    [
      toEcr,
      'OLD="$(aws sagemaker describe-endpoint --endpoint-name digits --query EndpointConfigName --output text ' +
        '--region REGION)" && NEW="digits-$(date +%s)" && ' +
        `aws sagemaker create-model --model-name "$NEW" --primary-container Image=${stored} ` +
        '--execution-role-arn arn:aws:iam::ACCOUNT:role/ROLE --region REGION && ' +
        'aws sagemaker create-endpoint-config --endpoint-config-name "$NEW" --production-variants ' +
        'VariantName=all,ModelName="$NEW",InitialInstanceCount=1,InstanceType=ml.m5.large --region REGION && ' +
        'aws sagemaker update-endpoint --endpoint-name digits --endpoint-config-name "$NEW" --region REGION && ' +
        'aws sagemaker wait endpoint-in-service --endpoint-name digits --region REGION && ' +
        'aws sagemaker delete-endpoint-config --endpoint-config-name "$OLD" --region REGION && ' +
        'aws sagemaker delete-model --model-name "$OLD" --region REGION',
    ],
    [
      'OLD="$(aws sagemaker describe-endpoint --endpoint-name digits --query EndpointConfigName --output text ' +
        '--region REGION)" && aws sagemaker delete-endpoint --endpoint-name digits --region REGION && ' +
        'aws sagemaker wait endpoint-deleted --endpoint-name digits --region REGION && ' +
        'aws sagemaker delete-endpoint-config --endpoint-config-name "$OLD" --region REGION && ' +
        'aws sagemaker delete-model --model-name "$OLD" --region REGION',
      'aws ecr delete-repository --repository-name digits --force --region REGION',
    ],
    'aws sagemaker describe-endpoint --endpoint-name digits --region REGION',
  ],
  [
    'vertex',
    [
      toArtifactRegistry,
      'gcloud ai models upload --display-name digits --parent-model projects/PROJECT/locations/REGION/models/digits ' +
        '--version-aliases default --container-image-uri REGION-docker.pkg.dev/PROJECT/modelwhisk/digits:latest ' +
        '--container-ports 8080 --container-health-route /health --container-predict-route /predict ' +
        '--container-env-vars MODELWHISK_VERTEX_ENDPOINT=shared --region REGION',
      `OLD="$(gcloud ai endpoints describe ${vertexEndpoint} --format 'value(deployedModels[0].id)' --region REGION)" && ` +
        `gcloud ai endpoints deploy-model ${vertexEndpoint} --model digits --display-name digits ` +
        '--machine-type n1-standard-2 --min-replica-count 1 --traffic-split 0=100 --region REGION && ' +
        `gcloud ai endpoints undeploy-model ${vertexEndpoint} --region REGION --deployed-model-id "$OLD"`,
    ],
    [
      `OLD="$(gcloud ai endpoints describe ${vertexEndpoint} --format 'value(deployedModels[0].id)' --region REGION)" && ` +
        `gcloud ai endpoints undeploy-model ${vertexEndpoint} --region REGION --deployed-model-id "$OLD"`,
      `gcloud ai endpoints delete ${vertexEndpoint} --quiet --region REGION`,
      'gcloud ai models delete digits --quiet --region REGION',
    ],
    `test -n ${vertexEndpoint}`,
  ],
  [
    'scf',
    [
      './build.ts copy me/digits ccr.ccs.tencentyun.com/NAMESPACE/digits:latest',
      'tccli scf UpdateFunctionCode --FunctionName digits --cli-unfold-argument --Code.ImageConfig.ImageType personal ' +
        `--Code.ImageConfig.ImageUri ccr.ccs.tencentyun.com/NAMESPACE/digits:latest@${digest} --region REGION`,
    ],
    ['tccli scf DeleteFunction --FunctionName digits --region REGION'],
    'tccli scf GetFunction --FunctionName digits --region REGION',
  ],
  [
    'azure',
    [
      'docker build --platform linux/amd64 --build-arg IMAGE=me/digits --tag me/digits-azure examples/azure',
      'docker push me/digits-azure',
      'az functionapp config container set --name digits-SUFFIX --resource-group GROUP --image docker.io/me/digits-azure:latest',
    ],
    ['az functionapp delete --name digits-SUFFIX --resource-group GROUP'],
    'az functionapp show --name digits-SUFFIX --resource-group GROUP',
  ],
  [
    'knative',
    ['kn service update digits --image docker.io/me/digits:latest'],
    ['kn service delete digits'],
    'kn service describe digits',
  ],
  [
    'cloud-run',
    [
      'gcloud run deploy digits --image docker.io/me/digits:latest --memory 512Mi --cpu 1 --allow-unauthenticated ' +
        '--region REGION',
    ],
    ['gcloud run services delete digits --quiet --region REGION'],
    'gcloud run services describe digits --region REGION',
  ],
  [
    'code-engine',
    ['ibmcloud ce application update --name digits --image docker.io/me/digits:latest --cpu 0.25 --memory 0.5G'],
    ['ibmcloud ce application delete --name digits --force'],
    'ibmcloud ce application get --name digits',
  ],
])('the lines that update on %s, remove from it and ask whether it is there', (target, update, remove, exists) => {
  const deployment = deploymentOn(target, requestOf('me/digits'));
  expect(deployment.update.map(({ command }) => command)).toEqual(update);
  expect(deployment.remove.map(({ command }) => command)).toEqual(remove);
  expect(deployment.exists).toBe(exists);
});
