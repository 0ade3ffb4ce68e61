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
const images = {
  node: 'try-test/node',
  python: 'try-test/python',
  go: 'try-test/go',
  sick: 'try-test/sick',
  application: 'try-test/application',
};
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'try-'));
  await Promise.all([importNodeImage(images.node), importPythonImage(images.python)]);
  await makeGoImage();
  await makeApplicationImage();
});

afterAll(async () => {
  await docker('image', 'rm', '--force', ...Object.values(images)).catch(() => undefined);
  await rm(folder, { recursive: true });
});

/** An image with only a Go program: no shell, no C library. It takes a picture at /classify. */
async function makeGoImage(): Promise<void> {
  await writeFile(
    join(folder, 'main.go'),
    `package main
import ("fmt"; "image"; _ "image/png"; "net/http")
func main() {
	http.HandleFunc("/classify", func(w http.ResponseWriter, r *http.Request) {
		file, _, err := r.FormFile("image")
		if err != nil { http.Error(w, err.Error(), 400); return }
		picture, kind, err := image.Decode(file)
		if err != nil { http.Error(w, err.Error(), 400); return }
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, "{\\"kind\\":\\"%s\\",\\"width\\":%d}", kind, picture.Bounds().Dx())
	})
	http.ListenAndServe(":5000", nil)
}`,
  );
  await writeFile(join(folder, 'go.mod'), 'module classify\ngo 1.19\n');
  await execa('go', ['build', '-o', 'classify', '.'], { cwd: folder, env: { CGO_ENABLED: '0' } });
  await writeFile(
    join(folder, 'Dockerfile'),
    'FROM scratch\nCOPY classify /classify\nEXPOSE 5000\nCMD ["/classify"]\n',
  );
  await docker('build', '--quiet', '--tag', images.go, folder);
}

/** An image like those of Flask applications: python app.py on port 5000. It takes JSON at /predict. */
async function makeApplicationImage(): Promise<void> {
  await writeFile(
    join(folder, 'app.py'),
    `from http.server import BaseHTTPRequestHandler, HTTPServer
class Model(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        known = self.path == "/predict"
        self.send_response(200 if known and body[:1] == b"{" else 400 if known else 404)
        self.end_headers()
        self.wfile.write(b"predicted " + body if known else b"")
HTTPServer(("", 5000), Model).serve_forever()
`,
  );
  await writeFile(
    join(folder, 'Dockerfile'),
    `FROM ${images.python}\nCOPY app.py .\nEXPOSE 5000\nCMD ["python", "app.py"]\n`,
  );
  await docker('build', '--quiet', '--tag', images.application, folder);
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
  // Anything that npm has started inherits INIT_CWD.
  const env = { MODELWHISK_RUNTIME_IMAGE: images.node, INIT_CWD: root };
  return startProgram(['try', ...words, '--listen', '0'], { cwd: folder, env });
}

async function leftovers(): Promise<string> {
  const all = await docker('ps', '--all', '--format', '{{.Image}} {{.ID}}', '--filter', 'label=modelwhisk.gateway');
  const containers = all.split('\n').filter((line) => /^(modelwhisk\.local\/try|try-test)\//.test(line));
  const made = await Promise.all(
    ['go', 'sick', 'application'].map((name) => docker('images', '--quiet', `modelwhisk.local/try/${name}`)),
  );
  return [...containers, ...made].join('');
}

/** What the page is told when it connects. */
async function firstEvent(url: URL): Promise<string> {
  const { body } = await fetch(url);
  const reader = body?.getReader();
  const { value } = (await reader?.read()) ?? {};
  await reader?.cancel();
  return Buffer.from(value ?? []).toString();
}

test.each([
  ['a Go image FROM scratch', images.go, ['--read-only'], '{"kind":"png","width":280}'],
  ['an application in Python', images.application, [], 'predicted {}'],
])(
  '%s answers the printed curl line as pasted, on the route that was found, and nothing is left afterwards',
  async (_what, image, flags, answer) => {
    const program = start(image, ...flags);
    const text = await program.printed(/Press Ctrl\+C/);
    const curl = /^ {2}(curl .*)$/m.exec(text)?.[1] ?? '';
    const { stdout } = await execa('sh', ['-c', `${curl} --silent --max-time 60`], { cwd: folder });
    expect(stdout).toBe(answer);
    const page = /^Page: (http:\/\/127\.0\.0\.1:\d+\/)$/m.exec(text)?.[1] ?? '';
    expect(await firstEvent(new URL('/_page/events', page))).toContain(`"title":"${image}"`);
    await program.interrupt();
    expect(await leftovers()).toBe('');
  },
);

test('a server on the port of the adapter is refused before it is started, with what to do', async () => {
  const { stderr, exitCode } = await execa(join(root, 'build.ts'), ['try', images.go, '--port', '8080'], {
    env: { MODELWHISK_RUNTIME_IMAGE: images.node },
    reject: false,
  });
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/listens on port 8080, which is the adapter's own\n {2}hint: Move it/);
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
