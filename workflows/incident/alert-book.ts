import { jsonBytes } from '../../plan/bounded.ts';
import type { Alert, IncidentMemory } from '../incident-messages.ts';

/** Alerts that are kept whole, for people. Of all others it is kept whether they fire, and since when. */
const SHOWN = 50;

/** More than any storm of one system; beyond it the oldest resolved ones are forgotten, then the oldest. */
const KEPT = { alerts: 20_000, bytes: 768 * 1024 };

interface Entry {
  firing: boolean;
  startsAtMs: number;
}

/** How many bytes of JSON an alert of the book takes from run to run, at most. */
const entryBytes = (fingerprint: string) => jsonBytes(fingerprint) + '"f123456789012345":,'.length;

/** The alerts of one incident, each once, in whatever order they and their resolutions arrive. */
export class AlertBook {
  private readonly entries: Map<string, Entry>;
  private readonly shown: Map<string, Alert>;
  private firingCount: number;
  private bytes: number;

  constructor({ alerts, shown }: Pick<IncidentMemory, 'alerts' | 'shown'>) {
    this.entries = new Map(Object.entries(alerts).map(([fingerprint, text]) => [fingerprint, read(text)]));
    this.shown = new Map(shown.map((alert) => [alert.fingerprint, alert]));
    this.firingCount = [...this.entries.values()].filter(({ firing }) => firing).length;
    this.bytes = [...this.entries.keys()].reduce((sum, fingerprint) => sum + entryBytes(fingerprint), 0);
  }

  get size(): number {
    return this.entries.size;
  }

  get firing(): number {
    return this.firingCount;
  }

  /** Joins them all; answers whether one fires that did not before. */
  join(alerts: readonly Alert[]): boolean {
    const news = alerts.map((alert) => this.joinOne(alert));
    this.forget();
    return news.includes(true);
  }

  /** An older state of an alert that arrives late changes nothing, and neither does the firing of a resolved one. */
  private joinOne(alert: Alert): boolean {
    const known = this.entries.get(alert.fingerprint);
    const entry = { firing: alert.status === 'firing', startsAtMs: Date.parse(alert.startsAt) };
    if (known !== undefined && entry.startsAtMs < known.startsAtMs) return false;
    if (known !== undefined && !known.firing && entry.firing && entry.startsAtMs === known.startsAtMs) return false;
    this.entries.set(alert.fingerprint, entry);
    if (known === undefined) this.bytes += entryBytes(alert.fingerprint);
    this.firingCount += Number(entry.firing) - Number(known?.firing ?? false);
    this.show(alert);
    return entry.firing && !known?.firing;
  }

  private show(alert: Alert): void {
    if (!this.shown.has(alert.fingerprint) && this.shown.size >= SHOWN) {
      const resolved = [...this.shown.values()].find(({ status }) => status === 'resolved');
      if (resolved === undefined) return;
      this.shown.delete(resolved.fingerprint);
    }
    this.shown.set(alert.fingerprint, alert);
  }

  private forget(): void {
    if (this.fits()) return;
    const oldestFirst = [...this.entries].sort(([, a], [, b]) => a.startsAtMs - b.startsAtMs);
    const resolvedFirst = oldestFirst.sort(([, a], [, b]) => Number(a.firing) - Number(b.firing));
    for (const [fingerprint, { firing }] of resolvedFirst) {
      if (this.fits()) return;
      this.entries.delete(fingerprint);
      this.bytes -= entryBytes(fingerprint);
      this.firingCount -= Number(firing);
    }
  }

  private fits(): boolean {
    return this.entries.size <= KEPT.alerts && this.bytes <= KEPT.bytes;
  }

  /** Those that are kept whole, firing ones first, then by age. */
  list(): Alert[] {
    const order = ({ status, startsAt }: Alert) => `${status} ${startsAt}`;
    return [...this.shown.values()].sort((a, b) => (order(a) < order(b) ? -1 : 1));
  }

  /** When the first alert that still fires started, ISO. */
  firingSince(): string | null {
    const starts = [...this.entries.values()].filter(({ firing }) => firing).map(({ startsAtMs }) => startsAtMs);
    return starts.length === 0 ? null : new Date(starts.reduce((a, b) => Math.min(a, b))).toISOString();
  }

  carriedOver(): Pick<IncidentMemory, 'alerts' | 'shown'> {
    const texts = [...this.entries].map(([fingerprint, entry]) => [fingerprint, write(entry)]);
    return { alerts: Object.fromEntries(texts), shown: this.list() };
  }
}

const write = ({ firing, startsAtMs }: Entry) => `${firing ? 'f' : 'r'}${startsAtMs}`;
const read = (text: string): Entry => ({ firing: text.startsWith('f'), startsAtMs: Number(text.slice(1)) });
