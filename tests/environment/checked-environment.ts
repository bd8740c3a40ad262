import { TestEnvironment } from 'jest-environment-node';
import { leftovers, type Snapshot, snapshot } from './leftovers.ts';

/** What is being ended when a file's last hook returns may take this long to be gone. */
const GONE_WITHIN_MS = 5_000;
const EVERY_MS = 50;

/**
 * Fails the file that leaves a port, a process, a signal handler or a faked clock behind, in place of the file after it.
 * Processes are known by a variable that they inherit (`STARTED_BY`).
 */
export default class CheckedEnvironment extends TestEnvironment {
  readonly #before: Snapshot;

  constructor(...[config, context]: ConstructorParameters<typeof TestEnvironment>) {
    // Set first: the file's own `process.env` is a copy that `super` makes.
    process.env['STARTED_BY'] = `${process.pid}:${context.testPath}`;
    super(config, context);
    this.#before = snapshot(this.global);
  }

  override async teardown(): Promise<void> {
    try {
      const left = await this.#leftovers();
      if (left.length > 0) throw new Error(`this file leaves behind: ${left.join('; ')}`);
    } finally {
      await super.teardown();
    }
  }

  async #leftovers(): Promise<string[]> {
    const deadline = Date.now() + GONE_WITHIN_MS;
    for (;;) {
      const left = leftovers(this.#before, snapshot(this.global));
      if (left.length === 0 || Date.now() > deadline) return left;
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  }
}
