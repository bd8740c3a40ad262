import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { THIRD_PLACE } from '../../../lab/places.ts';
import { firstOf, gameday, type Stage, silent, type Trouble, unlessRecovered } from './trouble.ts';

const WORKER = `${THIRD_PLACE}/worker`;
const BLOCK = Buffer.alloc(64 * 1024);

/** A file system of its own, of one megabyte, at a folder. Mounting needs root. */
async function mount(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await execa('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'lifeboat-trouble', folder]);
}

/** Writes until nothing more fits. */
async function fill(file: string): Promise<void> {
  const handle = await open(file, 'w');
  try {
    for (let size = BLOCK.length; size > 0; ) {
      size = await handle.write(BLOCK, 0, size).then(
        () => size,
        () => Math.floor(size / 2),
      );
    }
  } finally {
    await handle.close();
  }
}

/** Logs and temporary files of the main worker are on a disk that is full from before the disaster. */
async function endure(stage: Stage): Promise<string | null> {
  const { lab, signal } = stage;
  const disk = join(lab.folder, WORKER);
  const filler = join(disk, 'filler');
  lab.signal(WORKER, 'SIGKILL');
  await mount(disk);
  try {
    await lab.startService(WORKER, signal, { TMPDIR: disk });
    await fill(filler);
    const refusals: string[] = [];
    const played = await gameday(stage, {
      screen: { ...silent, note: (text) => void (/was refused/.test(text) && refusals.push(text)) },
      // People see why their approval was refused, make room, and approve again.
      meanwhile: async () => void (refusals.length > 0 && (await rm(filler, { force: true }))),
    });
    const readable = refusals.find((text) => /could not be checked by the worker: ENOSPC: no space left/.test(text));
    return firstOf(!readable && `refused: ${refusals.join('; ') || 'never'}`, unlessRecovered(played));
  } finally {
    lab.signal(WORKER, 'SIGKILL');
    await execa('umount', ['--lazy', disk]);
  }
}

export const disk: Trouble[] = [
  { name: 'the disk of the worker is full: approvals are refused and say why, room is made, recovered', endure },
];
