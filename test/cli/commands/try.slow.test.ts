import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { docker } from '../../support/docker.ts';
import { type RunningProgram, startProgram } from '../../support/program.ts';
import { importNodeImage } from '../../support/node-image.ts';
import { importPythonImage } from '../../support/python-image.ts';

const root = join(import.meta.dirname, '../../..');
const images = { node: 'try-test/node', python: 'try-test/python', go: 'try-test/go', sick: 'try-test/sick' };
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'try-'));
  await Promise.all([importNodeImage(images.node), importPythonImage(images.python)]);
  await makeGoImage();
});

afterAll(async () => {
  await docker('image', 'rm', '--force', ...Object.values(images)).catch(() => undefined);
  await rm(folder, { recursive: true });
});

/** An image with only a Go program: no shell, no C library. */
async function makeGoImage(): Promise<void> {
  await writeFile(
    join(folder, 'main.go'),
    `package main
import ("io"; "net/http")
func main() {
	http.HandleFunc("/predict", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.Write(body)
	})
	http.ListenAndServe(":5000", nil)
}`,
  );
  await writeFile(join(folder, 'go.mod'), 'module echo\ngo 1.19\n');
  await execa('go', ['build', '-o', 'echo', '.'], { cwd: folder, env: { CGO_ENABLED: '0' } });
  await writeFile(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY echo /echo\nEXPOSE 5000\nCMD ["/echo"]\n');
  await docker('build', '--quiet', '--tag', images.go, folder);
}

/** An image whose model cannot be loaded. */
async function makeSickImage(): Promise<void> {
  await writeFile(
    join(folder, 'Dockerfile'),
    `FROM ${images.python}\nEXPOSE 5000\nCMD ["python", "-c", "import numpyy"]\n`,
  );
  await docker('build', '--quiet', '--tag', images.sick, folder);
}

function start(...words: readonly string[]): RunningProgram {
  const env = { MODELWHISK_RUNTIME_IMAGE: images.node };
  return startProgram(['try', ...words, '--listen', '0'], { cwd: folder, env });
}

async function leftovers(): Promise<string> {
  const all = await docker('ps', '--all', '--format', '{{.Image}} {{.ID}}', '--filter', 'label=modelwhisk.gateway');
  const containers = all.split('\n').filter((line) => line.startsWith('modelwhisk.local/try/'));
  const made = await Promise.all(
    ['go', 'sick'].map((name) => docker('images', '--quiet', `modelwhisk.local/try/${name}`)),
  );
  return [...containers, ...made].join('');
}

test('a Go image FROM scratch answers the printed curl line as pasted, and nothing is left afterwards', async () => {
  const program = start(images.go, '--predict', '/predict json', '--read-only');
  const text = await program.printed(/Press Ctrl\+C/);
  const curl = /^ {2}(curl .*)$/m.exec(text)?.[1] ?? '';
  const { stdout } = await execa('sh', ['-c', `${curl} --silent --max-time 60`]);
  expect(stdout).toBe('{}');
  expect(text).toMatch(/^Page: http:\/\/127\.0\.0\.1:\d+\/$/m);
  await program.interrupt();
  expect(await leftovers()).toBe('');
});

test('a model that does not start shows its own last lines', async () => {
  await makeSickImage();
  const program = start(images.sick, '--predict', '/predict json', '--timeout', '20000');
  const text = await program.printed(/Press Ctrl\+C/);
  const url = /^http\S+/m.exec(text)?.[0] ?? '';
  const response = await fetch(url, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } });
  expect(response.status).toBeGreaterThanOrEqual(400);
  expect((await program.interrupt()).stderr).toContain("No module named 'numpyy'");
  expect(await leftovers()).toBe('');
});

test('without an engine it says so in a line and a hint', async () => {
  const { stderr, exitCode } = await execa(join(root, 'build.ts'), ['try', 'me/iris'], {
    env: { DOCKER_HOST: 'unix:///nowhere.sock' },
    reject: false,
  });
  expect([exitCode, stderr]).toEqual([
    1,
    expect.stringMatching(/^error: no Docker engine answers\n {2}hint: start Docker/),
  ]);
});
