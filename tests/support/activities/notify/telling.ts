import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import { pino } from 'pino';
import { notifyActivities } from '../../../../activities/notify/index.ts';
import { Channel } from '../../../../plan/channels.ts';
import type { Notice } from '../../../../plan/report.ts';
import { SYSTEM } from '../../lab/shape.ts';
import { type Attempt, attempt, depsOf } from '../step.ts';

export const NOTICE: Notice = {
  kind: 'gate',
  roles: ['on-call-sre', 'vp-engineering'],
  severity: 'critical',
  stage: 'investigating',
  subject: 'Approve the failover',
  text: 'us-east-1 is dark',
  workflowId: `recovery/${SYSTEM}`,
};

/** A worker's notify activity with secrets of its own, and what it logs. */
export class Telling {
  readonly logged: string[] = [];
  readonly #folder: string;
  readonly #notify: ReturnType<typeof notifyActivities>['notify'];

  private constructor(folder: string) {
    const log = pino({ level: 'warn' }, { write: (line: string) => void this.logged.push(line) });
    this.#folder = folder;
    this.#notify = notifyActivities({ ...depsOf(folder), log }).notify;
  }

  static async with(secrets: Record<string, string> = {}): Promise<Telling> {
    const folder = await mkdtemp(join(tmpdir(), 'lifeboat-notify-'));
    for (const [name, value] of Object.entries(secrets)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), `${value}\n`);
    }
    return new Telling(folder);
  }

  /** Delivers by a channel as an environment would write it, for the on-call SRE unless it says otherwise. */
  notify(channel: object, notice: Partial<Notice> = {}, options: Attempt = {}): Promise<{ detail: string }> {
    const parsed = Channel.parse({ name: 'on-call', roles: ['on-call-sre'], ...channel });
    return attempt(this.#notify, { channel: parsed, notice: { ...NOTICE, ...notice } }, options);
  }

  /** How a delivery fails. */
  async failure(channel: object, notice: Partial<Notice> = {}): Promise<ApplicationFailure> {
    const outcome = await this.notify(channel, notice).catch((error: unknown) => error);
    if (outcome instanceof ApplicationFailure) return outcome;
    throw new Error(`not a failure of a delivery: ${JSON.stringify(outcome)}`);
  }

  async done(): Promise<void> {
    await rm(this.#folder, { recursive: true });
  }
}
