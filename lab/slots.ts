import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive, type ProcessIdentity, thisProcess } from './process-table.ts';

/** Slots are claimed by files outside the checkout, since labs of several checkouts share the loopback addresses. */
const FOLDER = join(tmpdir(), 'lifeboat-lab-slots');
const SLOTS = 200;

interface Claim {
  labFolder: string;
  by: ProcessIdentity;
}

/** Claims the lowest slot that no lab holds, for the lab in `labFolder`. */
export function claimSlot(labFolder: string): number {
  mkdirSync(FOLDER, { recursive: true, mode: 0o1777 });
  for (let slot = 0; slot < SLOTS; slot++) {
    const file = join(FOLDER, String(slot));
    if (isStale(file)) rmSync(file, { force: true });
    if (tryClaim(file, { labFolder, by: thisProcess() })) return slot;
  }
  throw new Error(`all ${SLOTS} slots are taken; \`npm run lab -- down --name <name>\` frees one`);
}

/** Gives back the slot if this lab holds it. */
export function releaseSlot(slot: number, labFolder: string): void {
  const file = join(FOLDER, String(slot));
  if (readClaim(file)?.labFolder === labFolder) rmSync(file, { force: true });
}

/** A claim is stale when its lab is gone and nobody is just setting it up. */
function isStale(file: string): boolean {
  const claim = readClaim(file);
  return claim !== undefined && !existsSync(claim.labFolder) && !isAlive(claim.by);
}

function tryClaim(file: string, claim: Claim): boolean {
  try {
    writeFileSync(file, JSON.stringify(claim), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readClaim(file: string): Claim | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Claim;
  } catch {
    return undefined;
  }
}
