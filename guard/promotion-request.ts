import { type FSWatcher, watch } from 'node:fs';

/** The file by which a promotion is asked of PostgreSQL; it removes the file as it begins, and as it starts. */
const FILE = 'promote';

/**
 * Notices that a promotion is asked of a standby. PostgreSQL cannot take it back, nor does it show it: it happens
 * whenever replay gets so far. One for each life of PostgreSQL, made before it starts: with it, what was asked is gone.
 */
export class PromotionRequest {
  seen = false;
  readonly #watcher: FSWatcher;

  constructor(dataDirectory: string) {
    this.#watcher = watch(dataDirectory, { persistent: false }, (_, name) => {
      if (name === FILE) this.seen = true;
    });
    // A data directory that is replaced while it is watched takes the watch with it, and PostgreSQL does not run then.
    this.#watcher.on('error', () => {});
  }

  close(): void {
    this.#watcher.close();
  }
}
