import type { NodeId } from '../../../host.ts';
import { Rig, type RigOptions } from '../../testdata/rig.ts';
import { gatewayConfigSchema } from '../config.ts';
import { type GatewayView, gateway } from '../gateway.ts';

/** A rig with one more gateway, `watched`, whose figures can be read. */
export function watched(settings: Readonly<Record<string, unknown>>, options: RigOptions = {}) {
  const rig = new Rig(options);
  const views: GatewayView[] = [];
  const id: NodeId = 'watched';
  const config = gatewayConfigSchema.parse({
    metadata: ['metadata-1'],
    zone: 'a',
    balancer: { name: 'round-robin' },
    ...settings,
  });
  const machine = {
    cpu: { cores: 1, speed: 1, costs: { default: { kind: 'fixed', meanMs: 0 } } },
    disk: { capacityBytes: 1e9, seekMs: 0, bandwidthBytesPerS: 1e9, syncMs: 0, queueDepth: 1 },
  } as const;
  rig.world.addNode(
    { id, role: 'gateway', zone: 'a', rack: '1', ...machine },
    gateway(config, (view) => views.push(view)),
  );
  rig.world.start(id);
  rig.run(10);
  rig.events.length = 0;
  const [view] = views;
  if (view === undefined) throw new Error('the gateway never started');
  return { rig, view, id };
}
