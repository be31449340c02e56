import { defineScenario } from '../sim/experiment/scenario.ts';

/** Six balancers that a team would consider for its gateways. */
const variants = {
  random: { balancer: 'random' },
  'round-robin': { balancer: 'round-robin' },
  'smooth-weighted': { balancer: 'smooth-weighted-round-robin' },
  'ring-hash': { balancer: 'ring-hash' },
  'least-outstanding': { balancer: 'least-outstanding' },
  'power-of-two': { balancer: 'power-of-two' },
};

export default defineScenario({
  name: 'web-day',
  question:
    "Which balancer keeps a web site's reads fast through a busy day on which one node crashes and another one's disk turns slow?",
  hypothesis:
    'The slow disk is a gray failure: its node answers everything, late. Balancers that look at open requests (least-outstanding, power-of-two) steer around it at once; random, round robin and the ring keep sending it its share until its errors let the failure detector take it for gray, some seconds later, and meanwhile p99 rises toward the second after which the gateway gives an attempt up. The ring also puts each hot page on one node, so its peak load is the highest even when all is well.',
  duration: '40s',
  warmup: '4s',
  cluster: { data: { count: 12, disk: { seek: '5ms' } }, gateways: { count: 2 }, clients: { count: 6 } },
  traffic: { profile: 'nasa-web-day', timeScale: 1157 },
  faults: [
    { kind: 'crash', target: 'data-3', at: '10s', duration: '6s' },
    { kind: 'slow-disk', target: 'data-8', at: '20s', duration: '8s', factor: 6 },
  ],
  variants,
  baseline: 'random',
  seeds: 5,
  slo: { availability: { min: 0.999 }, getP99Ms: { max: 100 } },
});
