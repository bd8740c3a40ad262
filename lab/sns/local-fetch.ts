/**
 * Preloaded into the gateway's process by the lab and the benchmark alone: certificates of SNS come from a file, so that
 * nothing leaves this machine and the product needs no way around its checks.
 */
import { readFileSync } from 'node:fs';

const certificate = readFileSync(process.env['LAB_SNS_CERTIFICATE'] ?? '', 'utf8');
globalThis.fetch = async () => new Response(certificate);
