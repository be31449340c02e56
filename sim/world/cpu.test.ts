import { describe, expect, it } from 'vitest';
import { Kernel } from '../kernel/kernel.ts';
import { Cpu, Work } from './cpu.ts';
import { PauseGate } from './pause-gate.ts';

class Job extends Work {
  onEvent(): void {
    cpuOf.get(this)?.finish(this);
  }
}

const cpuOf = new WeakMap<Job, Cpu>();

function station() {
  const kernel = new Kernel('cpu');
  const gate = new PauseGate();
  const cpu = new Cpu(kernel, gate, 1, 1);
  const submit = (serviceMs: number) => {
    const job = new Job();
    cpuOf.set(job, cpu);
    cpu.submit(job, serviceMs, 0);
  };
  return { kernel, gate, cpu, submit };
}

describe('a CPU whose process is stopped', () => {
  it('is not busy meanwhile, though what it works on stays in its queue', () => {
    const { kernel, gate, cpu, submit } = station();
    submit(10);
    submit(5);
    kernel.run(4);
    gate.close(4);
    kernel.run(104);
    expect(cpu.gauge.read(104)).toMatchObject({ busyMs: 4, activeMs: 4, queue: 2, queueMs: 208 });
    gate.open(104);
    kernel.run(200);
    expect(cpu.gauge.read(200)).toMatchObject({ busyMs: 15, activeMs: 15, queue: 0, completed: 2 });
  });

  it('was busy up to then if it is ended there', () => {
    const { kernel, gate, cpu, submit } = station();
    submit(10);
    kernel.run(4);
    gate.close(4);
    kernel.run(50);
    cpu.reset();
    gate.open(50);
    kernel.run(100);
    expect(cpu.gauge.read(100)).toMatchObject({ busyMs: 4, queue: 0 });
  });
});
