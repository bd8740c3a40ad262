import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { Downloads } from '../../../../lab/setup/download.ts';

const CONTENT = '#!/bin/sh\necho hello\n';
const sumOf = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');

let folder: string;
let server: Server;
let base: string;
const files = new Map<string, Buffer | string>();
const asked: string[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lab-download-'));
  files.clear();
  asked.length = 0;
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const file = files.get(request.url ?? '');
    response.writeHead(file === undefined ? 404 : 200).end(file);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

async function archiveWith(program: string): Promise<Buffer> {
  const inside = join(folder, 'archive', 'tool-1.0');
  mkdirSync(inside, { recursive: true });
  writeFileSync(join(inside, program), CONTENT);
  const { stdout } = await execa('tar', ['-cz', '-C', join(folder, 'archive'), 'tool-1.0'], { encoding: 'buffer' });
  return Buffer.from(stdout);
}

test('programs are taken out of an archive whose sum is listed, and can be run', async () => {
  const archive = await archiveWith('tool');
  files.set('/tool.tar.gz', archive).set('/SUMS', `${sumOf('other')}  other.tar.gz\n${sumOf(archive)}  tool.tar.gz\n`);
  const download = { url: `${base}/tool.tar.gz`, checksums: `${base}/SUMS` };
  await expect(new Downloads().get(download, ['tool'], join(folder, 'out'))).resolves.toBeNull();
  const program = join(folder, 'out', 'bin', 'tool');
  expect(readFileSync(program, 'utf8')).toBe(CONTENT);
  expect(statSync(program).mode & 0o111).not.toBe(0);
});

test('single programs come one by one, each with a sum of its own', async () => {
  for (const name of ['one', 'two']) files.set(`/${name}`, name).set(`/${name}.sha256`, sumOf(name));
  const download = { url: `${base}/{program}`, checksums: `${base}/{program}.sha256` };
  await expect(new Downloads().get(download, ['one', 'two'], folder)).resolves.toBeNull();
  expect(readFileSync(join(folder, 'bin', 'two'), 'utf8')).toBe('two');
});

test('what differs from the published sum is refused', async () => {
  files.set('/tool', 'altered').set('/tool.sha256', sumOf('original'));
  const download = { url: `${base}/tool`, checksums: `${base}/tool.sha256` };
  await expect(new Downloads().get(download, ['tool'], folder)).resolves.toMatch(/has SHA-256 .* was published/);
});

test('what has no sum where one should be is refused', async () => {
  files.set('/tool', 'altered').set('/SUMS', `${sumOf('altered')}  other\n`);
  const download = { url: `${base}/tool`, checksums: `${base}/SUMS` };
  await expect(new Downloads().get(download, ['tool'], folder)).resolves.toMatch(/undefined was published/);
});

test('a file that is not there is said to be missing', async () => {
  const refusal = await new Downloads().get({ url: `${base}/tool` }, ['tool'], folder);
  expect(refusal).toBe(`${base}/tool answers 404`);
});

test('a server that takes no connection is tried once for all tools', async () => {
  const closed = createTcpServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  const downloads = new Downloads();
  const url = `http://127.0.0.1:${port}/tool`;
  await expect(downloads.get({ url }, ['tool'], folder)).resolves.toMatch(/cannot be reached/);
  // It takes connections again, and is not asked.
  let connections = 0;
  const open = createTcpServer((socket) => {
    connections++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => open.listen(port, '127.0.0.1', resolve));
  await expect(downloads.get({ url }, ['tool'], folder)).resolves.toMatch(/cannot be reached/);
  await new Promise((resolve) => open.close(resolve));
  expect(connections).toBe(0);
});
