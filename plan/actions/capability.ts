/** What a phase brings about that others rely on; one that is skipped brings about nothing. */
export type Capability =
  | 'standby-follows'
  | 'stream-mirrored'
  | 'full-strength'
  | 'handed-over'
  | 'primary'
  | 'stream-source'
  | 'workloads-pointed'
  | 'targets-registered'
  | 'names-moved';
