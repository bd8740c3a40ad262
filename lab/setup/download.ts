import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import type { Download } from './tool.ts';

const CONNECT_TIMEOUT_MS = 3_000;
const TRANSFER_TIMEOUT_MS = 300_000;
const ARCHITECTURES: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', arm64: 'arm64' };

/** Gets released binaries. A server that cannot be reached is tried once per run, not once per tool. */
export class Downloads {
  readonly #reachable = new Map<string, Promise<boolean>>();

  /**
   * Puts the programs into `<folder>/bin`. Answers null when done, and otherwise why not: no connection, no such file,
   * or a sum that differs from the published one.
   */
  async get(download: Download, programs: readonly string[], folder: string): Promise<string | null> {
    try {
      const bin = join(folder, 'bin');
      await mkdir(bin, { recursive: true });
      if (isArchive(download.url)) await this.#archive(download, programs, bin);
      else for (const program of programs) await writeFile(join(bin, program), await this.#checked(download, program));
      for (const program of programs) await chmod(join(bin, program), 0o755);
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  async #archive(download: Download, programs: readonly string[], bin: string): Promise<void> {
    const unpacked = join(bin, '..', 'unpacked');
    await mkdir(unpacked);
    await execa('tar', ['-xz', '-C', unpacked], { input: await this.#checked(download, '') });
    const files = await readdir(unpacked, { recursive: true, withFileTypes: true });
    for (const program of programs) {
      const file = files.find((candidate) => candidate.isFile() && candidate.name === program);
      if (!file) throw new Error(`${basename(download.url)} does not contain ${program}`);
      await rename(join(file.parentPath, file.name), join(bin, program));
    }
  }

  /** The file's bytes, compared with the published sum where there is one. */
  async #checked({ url, checksums }: Download, program: string): Promise<Buffer> {
    const address = filledIn(url, program);
    const bytes = await this.#bytes(address);
    if (checksums) {
      const published = sumOf(basename(address), (await this.#bytes(filledIn(checksums, program))).toString());
      const sum = createHash('sha256').update(bytes).digest('hex');
      if (sum !== published) throw new Error(`${address} has SHA-256 ${sum}, and ${published} was published`);
    }
    return bytes;
  }

  async #bytes(url: string): Promise<Buffer> {
    const { origin } = new URL(url);
    const reachable = this.#reachable.get(origin) ?? isReachable(new URL(url));
    this.#reachable.set(origin, reachable);
    if (!(await reachable)) throw new Error(`${origin} cannot be reached`);
    const response = await fetch(url, { signal: AbortSignal.timeout(TRANSFER_TIMEOUT_MS) });
    if (!response.ok) throw new Error(`${url} answers ${response.status}`);
    return Buffer.from(await response.arrayBuffer());
  }
}

function filledIn(url: string, program: string): string {
  const architecture = ARCHITECTURES[process.arch];
  if (!architecture) throw new Error(`there are no released binaries for ${process.arch}`);
  return url.replaceAll('{arch}', architecture).replaceAll('{program}', program);
}

function isArchive(url: string): boolean {
  return url.endsWith('.tar.gz') || url.endsWith('.tgz');
}

/** From a list as `sha256sum` prints it, or from a file that holds one sum alone. */
function sumOf(file: string, text: string): string | undefined {
  const lines = text.trim().split('\n');
  const words = lines.map((line) => line.trim().split(/\s+/));
  const listed = words.find(([, name]) => name !== undefined && basename(name.replace(/^\*/, '')) === file);
  return listed?.[0] ?? (lines.length === 1 && words[0]?.length === 1 ? words[0][0] : undefined);
}

/** Whether the server takes connections: told apart from a slow transfer, which may take its time. */
function isReachable({ protocol, hostname, port }: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) || (protocol === 'https:' ? 443 : 80) });
    const answer = (reachable: boolean) => {
      socket.destroy();
      resolve(reachable);
    };
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => answer(false));
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}
