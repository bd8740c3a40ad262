import type { Logger } from 'pino';
import type { Secrets } from './secrets.ts';

/** What every activity factory is given; tests give their own. */
export interface Deps {
  secrets: Secrets;
  log: Logger;
}
