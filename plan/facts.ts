import type { NotReplicated } from './not-replicated.ts';
import type { ComponentKind } from './schema.ts';

/**
 * Facts: what Lifeboat sees with its own probes before anybody decides. Alerts are hearsay. A probe that cannot tell
 * says so: null is unknown, and unknown is never read as good.
 */

/** `degraded`: it does its work with a part of it lost, such as a pod or a node. */
export type Health = 'healthy' | 'degraded' | 'failing' | 'unknown';

/** One component, as a rule in one region. */
export interface ComponentFacts {
  component: string;
  kind: ComponentKind;
  /** Null: it belongs to none, as names and a CDN do. */
  region: string | null;
  health: Health;
  /** One readable sentence; empty when there is nothing odd. */
  detail: string;
  /** Of a stream: what its mirror may lack. Of one that does not answer, as it was last seen; absent when it never was. */
  stream?: StreamFacts;
}

/** A stream in one region. */
export interface StreamFacts {
  name: string;
  /** Does it take the subjects, as no mirror does? */
  source: boolean;
  firstSequence: number;
  lastSequence: number;
  /** Messages deleted between the first and the last. */
  deleted: number;
  /** The durable ones, each with the last message up to which it has acknowledged all. */
  consumers: { name: string; acknowledged: number }[];
  seenAt: string;
}

/** What is measured of the system as a whole; null is unknown. */
export interface Measures {
  /** Percent of client requests that fail, 0 to 100. */
  customerErrorsPercent: number | null;
  /** Age of the newest good backup. */
  backupAgeSeconds: number | null;
  /** Do integrity checks of the data fail? */
  dataCorrupted: boolean | null;
}

/** One region, seen from one vantage point. */
export interface RegionFacts {
  region: string;
  /** Does the region's own service endpoint answer? Null: the probe itself failed. */
  serviceReachable: boolean | null;
  /** Does the region's database accept a connection? */
  databaseReachable: boolean | null;
  /** `primary` accepts writes, `standby` replays. Null when unreachable. */
  databaseRole: 'primary' | 'standby' | null;
  timeline: number | null;
  /** Standby: the last position replayed. Primary: the current one. PostgreSQL's `0/3000148` form. */
  walPosition: string | null;
  /** Standby: age in seconds of the newest replayed heartbeat or transaction. */
  replayAgeSeconds: number | null;
  /** Standby: what its replay waits for, and what it could be promoted with. */
  replay?: ReplayFacts | null;
  /** Primary: what a promotion of its standby would leave behind. */
  notReplicated?: NotReplicated | null;
  /** One readable sentence for each thing that was odd. */
  remarks: string[];
  /** The other components in the region. */
  components?: ComponentFacts[];
}

/** The replay of a standby. */
export interface ReplayFacts {
  /** Somebody, or PostgreSQL itself for want of settings, has paused it. */
  paused: boolean;
  /** What blocks it just now, with pid, user and age of the session; null when nothing does. */
  heldBy: string | null;
  /** Sessions that have lasted for long, as it may come to wait for them; absent when there are none. */
  mayHold?: string;
  /** How much later than received it applies, by its configuration. */
  applyDelaySeconds: number;
  /** Whether it has received all that the primary had flushed when the lease was last renewed is told by this position. */
  receivedPosition: string | null;
  /** Its settings make it refuse writes by default, also as a primary; absent when they do not. */
  readOnlyByDefault?: true;
  /** Settings that must not be lower than the primary's. */
  parameters: Record<string, number>;
}

/** What one vantage point saw. */
export interface VantageFacts {
  vantage: string;
  observedAt: string;
  regions: RegionFacts[];
  /** Regions that the service's DNS name leads to now, from authoritative answers; empty when unknown. */
  servingRegions: string[];
  /** What the lease says of the primary: null when there is none or it cannot be read. */
  lease: {
    holder: string;
    renewedAt: string;
    expiresAt: string;
    walPosition: string | null;
    /** The primary's settings that a standby needs as high; null is unknown. */
    parameters?: Record<string, number> | null;
    /** What a promotion would leave behind of the holder, as it last wrote; null is unknown. */
    notReplicated?: NotReplicated | null;
  } | null;
  /** Components that belong to no region. */
  components?: ComponentFacts[];
  measures?: Measures;
}

/** What the approver is shown, put together from all vantage points. */
export interface Facts {
  observedAt: string;
  from: string;
  to: string;
  /** Every vantage point agrees that `from` does not serve, and at least two have looked. */
  fromUnreachable: boolean | null;
  /** Since when every look has found it unreachable, ISO; null when the last one did not. Absent: nobody kept count. */
  unreachableSince?: string | null;
  /** Where `to`'s database stands; null when it cannot be asked. */
  standbyReady: boolean | null;
  /** What promotion would lose, in seconds, as an upper bound; null is unknown. */
  expectedDataLossSeconds: number | null;
  /** Bytes of WAL known to be missing on the standby; null is unknown. */
  expectedDataLossBytes: number | null;
  servingRegions: string[];
  vantages: VantageFacts[];
  /** How many alerts their senders left out at least; absent where none. */
  alertsLeftOut?: number;
  /** What all vantage points together say of each component, in both regions and in none. */
  components?: ComponentFacts[];
  measures?: Measures;
}
