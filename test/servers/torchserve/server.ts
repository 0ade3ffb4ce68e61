import { form, json } from '../call.ts';
import { inputFile } from '../input-files.ts';
import type { ServerCase } from '../server-case.ts';

const prepare =
  'mkdir model-store wf-store && ' +
  'torch-model-archiver --model-name measure --version 1.0 --handler handler.py --export-path model-store';

/** As the image's own dockerd-entrypoint.sh does for a command other than "serve". */
const entrypoint = ['bash', '-c', 'eval "$@"; tail -f /dev/null', 'dockerd-entrypoint.sh'];

/**
 * An image made of pytorch/torchserve and an archive. TorchServe imports torch for every handler, and PyPI's torch
 * contains gigabytes of CUDA; Debian's does not.
 */
export const torchserve: ServerCase = {
  name: 'torchserve',
  packages: ['torchserve==0.12.0', 'torch-model-archiver==0.12.0', 'pyyaml', 'enum-compat', 'setuptools'],
  debian: {
    packages: 'python3-torch openjdk-17-jre-headless python3-venv',
    check: 'java -version && /usr/bin/python3 -c "import torch, venv, ensurepip"',
  },
  python: '/usr/bin/python3',
  directory: '/home/model-server',
  prepare,
  image: {
    name: 'me/measure',
    config: {
      Entrypoint: entrypoint,
      Cmd: ['serve'],
      ExposedPorts: { '8080/tcp': {}, '8081/tcp': {}, '8082/tcp': {}, '7070/tcp': {}, '7071/tcp': {} },
    },
  },
  described: [
    { by: 'guess', flags: { set: { model: 'measure' } } },
    { by: 'template', name: 'torchserve', values: { model: 'measure' } },
  ],
  predict: form('/predictions/measure', { data: inputFile('pixel.png') }),
  refused: form('/predictions/none', { data: inputFile('pixel.png') }),
  reference: {
    named: (files) => json('/predictions/measure', { data_url: `${files}/pixel.png` }),
    sent: () => form('/predictions/measure', { data: inputFile('pixel.png') }),
  },
  stream: form('/predictions/measure', { count: '5' }),
  crashes: [
    { what: 'the worker', processes: /model_service_worker/, loses: 'it met the dead worker, and the server says so' },
    {
      what: 'the server',
      processes: /java/,
      loses: 'its launcher ends with code 0, which does not tell that it was killed',
    },
  ],
  failures: [
    { environment: { FAIL_IMPORT: 'yes' }, says: /cannot start its workers[^]*No module named 'no_such_module'/ },
  ],
};
