import { lookup as dnsLookup, type LookupAllOptions, type LookupOneOptions } from 'node:dns';
import axios from 'axios';
import type { Egress } from '../../src/sdk/define-connector.ts';

type LookupOptions = LookupAllOptions | LookupOneOptions;

/**
 * An egress that lets everything through, for tests against twins on loopback. Like the real one it
 * follows no redirect and takes no proxy from the environment, so a connector sees the same answers.
 */
export function loopbackEgress(): Egress {
  return {
    http: (defaults) => axios.create({ maxRedirects: 0, proxy: false, ...defaults }),
    assertAllowed: async () => undefined,
    lookup: (hostname, options, callback) => {
      dnsLookup(hostname, (options ?? {}) as LookupOptions, (error, address, family) => {
        callback(error, address, family);
      });
    },
  };
}

/** An egress to this machine that counts what leaves through it. */
export function countingEgress(): { readonly egress: Egress; readonly count: () => number } {
  const open = loopbackEgress();
  let sent = 0;
  const http: Egress['http'] = (defaults) => {
    const instance = open.http(defaults);
    instance.interceptors.request.use((config) => {
      sent += 1;
      return config;
    });
    return instance;
  };
  return { egress: { ...open, http }, count: () => sent };
}
