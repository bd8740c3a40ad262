import { mkdtemp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Lab } from '../lab.ts';
import { isMounted, mountSource } from '../mounts.ts';
import { serviceNamed } from '../registry.ts';
import { dataHome } from '../services/postgres-files.ts';
import type { Fault } from './fault.ts';
import { kill } from './processes.ts';

const BLOCK = Buffer.alloc(64 * 1024);
const MIB = 1024 * 1024;
/** Room that a service has beside what it holds, before it is filled. */
const ROOM_MIB = 8;
/** What a full disk may take of the machine's memory, where it lives. */
const LARGEST_MIB = 1_024;

export const fillDisk: Fault = {
  parameters: ['<service>'],
  effect: 'moves what a service holds onto a small disk of its own, starts it again there, and fills the disk',
  undo: 'free-disk',
  async act(lab, name = '') {
    const folder = folderOf(lab, name);
    if (!isMounted(folder)) await moveToDisk(lab, name, folder);
    const bytes = await fill(fillerIn(folder));
    return `the disk of ${name} is full: ${Math.round(bytes / MIB)} MiB were free`;
  },
};

export const freeDisk: Fault = {
  parameters: ['<service>'],
  effect: 'makes room again on a disk that was filled',
  async act(lab, name = '') {
    const folder = folderOf(lab, name);
    if (!isMounted(folder)) throw new Error(`${name} has no disk of its own: nothing was filled`);
    await rm(fillerIn(folder), { force: true });
    return `the disk of ${name} has room again`;
  },
};

function folderOf(lab: Lab, name: string): string {
  serviceNamed(lab.shape, name);
  return dataHome(join(lab.folder, name));
}

const fillerIn = (folder: string) => join(folder, 'filler');

/** A file system that lives in memory, mounted where the service keeps its data. */
async function moveToDisk(lab: Lab, name: string, folder: string): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('a disk is mounted by root only');
  await kill.act(lab, name);
  const { stdout } = await execa('du', ['--summarize', '--block-size=1M', folder]);
  const size = Number.parseInt(stdout, 10) + ROOM_MIB;
  if (size > LARGEST_MIB) throw new Error(`${name} holds ${size} MiB; ${LARGEST_MIB} are the most`);
  const aside = await mkdtemp(`${folder}-aside-`);
  await execa('cp', ['--archive', `${folder}/.`, aside]);
  await execa('mount', ['-t', 'tmpfs', '-o', `size=${size}m,mode=711`, mountSource(lab.folder), folder]);
  await execa('cp', ['--archive', `${aside}/.`, folder]);
  await rm(aside, { recursive: true });
  await lab.startService(name);
}

/** Writes until nothing more fits; answers how much did. */
async function fill(file: string): Promise<number> {
  const handle = await open(file, 'w');
  let written = 0;
  try {
    for (let size = BLOCK.length; size > 0; ) {
      const bytes = await handle.write(BLOCK, 0, size).then(
        (result) => result.bytesWritten,
        () => 0,
      );
      written += bytes;
      if (bytes < size) size = Math.floor(size / 2);
    }
    return written;
  } finally {
    await handle.close();
  }
}
