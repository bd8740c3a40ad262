export { incident } from './incident.ts';
export { lateNotices } from './late-notices.ts';
export { failback } from './scenarios/failback.ts';
export { regionFailover } from './scenarios/region-failover.ts';
export { switchover } from './scenarios/switchover.ts';
