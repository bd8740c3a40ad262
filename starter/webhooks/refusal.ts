/** Why a webhook is refused, and with which status it is answered. */
const STATUS = {
  /** Retryable: a secret may be about to be mounted, and a sender that is told 4xx never comes again. */
  unconfigured: 503,
  signature: 401,
  stale: 401,
  replay: 409,
  malformed: 400,
  topic: 403,
  /** Retryable: the place that it is fetched from may be down. */
  certificate: 503,
  unsubscribe: 403,
} as const;

/** Why a webhook is refused, for the metrics. */
export type Reason = keyof typeof STATUS;
export const REASONS = Object.keys(STATUS) as Reason[];

/** A webhook that is not taken, with one sentence for its sender and no secret in it. */
export class WebhookRefused extends Error {
  readonly reason: Reason;
  readonly statusCode: number;
  /** Everything that is wrong, where that is more than one thing. */
  readonly problems: readonly string[];

  constructor(reason: Reason, message: string, problems: readonly string[] = []) {
    super(message);
    this.name = 'WebhookRefused';
    this.reason = reason;
    this.statusCode = STATUS[reason];
    this.problems = problems;
  }
}
