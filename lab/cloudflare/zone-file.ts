import type { DnsRecord } from './records.ts';

export interface ZoneContent {
  name: string;
  serial: number;
  records: readonly DnsRecord[];
}

/** The zone in the master file format of RFC 1035, for a server at `nameServer` (an address). */
export function zoneFile({ name, serial, records }: ZoneContent, nameServer: string): string {
  return [
    `$ORIGIN ${name}.`,
    `@ 1 IN SOA ns1.${name}. hostmaster.${name}. ${serial} 60 30 3600 1`,
    `@ 60 IN NS ns1.${name}.`,
    `ns1 60 IN A ${nameServer}`,
    ...records.map((record) => `${record.name}. ${record.ttl} IN ${record.type} ${data(record)}`),
    '',
  ].join('\n');
}

function data({ type, content }: DnsRecord): string {
  if (type === 'CNAME') return `${content.replace(/\.$/, '')}.`;
  if (type === 'TXT') return JSON.stringify(content);
  return content;
}
