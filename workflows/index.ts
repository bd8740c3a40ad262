import { recover } from './recovery/recover.ts';

export { incident } from './incident.ts';
export { lateNotices } from './late-notices.ts';

/** One workflow type for each scenario, so that Temporal's UI says which disaster it is. */
export { recover as failback, recover as regionFailover, recover as switchover };
