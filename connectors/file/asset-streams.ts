import type { FileStream } from './file-stream.ts';

const VALIDITY = [
  { name: 'in_use_from', label: 'First day' },
  { name: 'retired_on', label: 'Last day in use, inclusive; blank while in use' },
] as const;

function stream(
  name: string,
  title: string,
  key: string,
  columns: Readonly<Record<string, string>>,
): FileStream {
  const own = { [key]: 'Id', ...columns };
  return {
    name,
    title,
    cursor: 'full',
    pageSize: 500,
    personalData: name === 'devices',
    key: [key],
    columns: Object.entries(own).map(([column, label]) => ({ name: column, label })),
  };
}

const validity = Object.fromEntries(VALIDITY.map(({ name, label }) => [name, label]));
const environment = { environment: 'prod or nonprod' };

/** Files of an inventory or a CMDB: the machines that device and core metrics count. */
export const ASSET_STREAMS: readonly FileStream[] = [
  stream('devices', 'Machines that people use', 'device_id', {
    name: 'Name',
    serial_number: 'Serial number',
    kind: 'desktop, laptop, mobile, kiosk, scanner or other',
    primary_user: 'Id of the login that uses it',
    organization: 'Organisation',
    ...environment,
    ...validity,
  }),
  stream('hosts', 'Servers', 'host_id', {
    name: 'Name',
    cluster: 'Id of its cluster',
    processor_model: 'Processor',
    physical_sockets: 'Sockets',
    occupied_sockets: 'Sockets with a processor',
    cores_per_socket: 'Cores of each processor',
    threads_per_core: 'Threads of each core',
    ...environment,
    ...validity,
  }),
  stream('vms', 'Virtual machines', 'vm_id', {
    name: 'Name',
    vcpus: 'Virtual processors',
    host: 'Id of the host it runs on',
    cluster: 'Id of the cluster it may move in',
    host_affinity: 'Ids of the hosts it may run on, joined by ;',
    cloud: 'none, aws, azure or gcp',
    instance_type: 'Instance type in the cloud',
    ...environment,
    ...validity,
  }),
  stream('clusters', 'Clusters of hosts', 'cluster_id', {
    name: 'Name',
    hypervisor: 'Hypervisor',
    managed_by: 'Management server',
    ...validity,
  }),
  stream('installs', 'Software that is installed', 'install_id', {
    sku: 'Part number',
    device: 'Id of the device',
    host: 'Id of the host',
    vm: 'Id of the virtual machine',
    version: 'Version',
    edition: 'Edition',
    ...environment,
    installed_on: 'First day',
    removed_on: 'Last day, inclusive',
  }),
  stream('activations', 'Keys that were activated', 'activation_id', {
    sku: 'Part number',
    customer: 'CRM account of the customer',
    instance: 'Id of the install',
    quantity: 'How many',
    status: 'active, released or refused',
    activated_at: 'When, with its zone',
    released_at: 'When it was given back',
  }),
];
