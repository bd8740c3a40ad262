import { readFileSync } from 'node:fs';
import { execa } from 'execa';

interface Mount {
  source: string;
  target: string;
}

function mounts(): Mount[] {
  const lines = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  return lines.map((line) => {
    const [source = '', target = ''] = line.split(' ');
    return { source, target };
  });
}

/** Names a lab in the machine's table of mounts. */
export const mountSource = (labFolder: string) => `lifeboat-lab:${labFolder}`;

export const isMounted = (folder: string) => mounts().some(({ target }) => target === folder);

/** Takes the disks of a lab away, with all that is on them. */
export async function removeMounts(labFolder: string): Promise<void> {
  const own = mounts().filter(({ source }) => source === mountSource(labFolder));
  for (const { target } of own) await execa('umount', ['--lazy', target]);
}
