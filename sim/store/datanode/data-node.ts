import type { Boot } from '../../host.ts';
import { BlockService } from './block-service.ts';
import { Compactor } from './compaction.ts';
import type { DataNodeConfig } from './config.ts';
import { EpochFence } from './epoch-fence.ts';
import { Lease } from './lease.ts';
import { MetadataAgent } from './metadata-agent.ts';
import { StartUp } from './start-up.ts';

/**
 * A data node: opens its disk, serves blocks, and only then registers with the metadata service.
 * Until the disk is open, calls to it are refused.
 */
export function dataNode(config: DataNodeConfig): Boot {
  return (host) => {
    const startUp = new StartUp(host, config, ({ diskId, log, health }) => {
      const lease = new Lease(host.clock);
      const service = new BlockService(config, log, health, lease, new EpochFence());
      new Compactor(log, health).start();
      host.network.serve(service);
      const agent = new MetadataAgent(host, service, {
        id: host.id,
        diskId,
        incarnation: host.incarnation,
        zone: config.zone,
        rack: config.rack,
        host: config.host,
        weight: config.weight,
        capacityBytes: host.disk.capacityBytes,
      });
      agent.start();
    });
    startUp.start();
  };
}
