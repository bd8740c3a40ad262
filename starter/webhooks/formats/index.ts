import type { FetchText } from '../fetch-text.ts';
import type { Format } from '../format.ts';
import { alertmanager } from './alertmanager.ts';
import { cloudwatch } from './cloudwatch.ts';
import { grafana } from './grafana.ts';
import { pagerduty } from './pagerduty.ts';
import { standard } from './standard.ts';

/** Every format that the gateway knows, at `/webhooks/<source>`. */
export const formats = (fetchText: FetchText): Format[] => [
  alertmanager,
  pagerduty,
  grafana,
  cloudwatch(fetchText),
  standard,
];
