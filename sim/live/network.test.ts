import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { CallFailure, Exchange, Message } from '../host.ts';
import { LiveClock } from './clock.ts';
import type { Address } from './connection.ts';
import { encodeFrame } from './frame.ts';
import { Lifeline } from './lifeline.ts';
import { LiveNetwork } from './network.ts';

describe('the live network', () => {
  const closers: (() => Promise<void>)[] = [];

  afterEach(async () => {
    await Promise.all(closers.splice(0).map((close) => close()));
  });

  function open(id: string, addresses: Map<string, Address>, failures: string[] = []): LiveNetwork {
    const lifeline = new Lifeline();
    const network = new LiveNetwork(
      {
        id,
        listen: addresses.get(id) ?? { host: '127.0.0.1', port: 0 },
        addressOf: (peer) => addresses.get(peer),
        onListening: (address) => addresses.set(id, address),
        onListenFailed: (error) => failures.push(error.message),
      },
      lifeline,
      new LiveClock(),
    );
    closers.push(() => {
      lifeline.ended = true;
      return network.close();
    });
    return network;
  }

  it('uses one connection for all that goes to a peer', async () => {
    const addresses = new Map<string, Address>();
    const caller = new Caller();
    open('b', addresses).serve(new Echo());
    await until(() => addresses.has('b'));
    let asked = 0;
    const counting = new Map(addresses);
    counting.get = (id) => {
      asked++;
      return addresses.get(id);
    };
    const a = open('a', counting);
    asked = 0;
    for (let tag = 0; tag < 20; tag++) a.call('b', { kind: 'q' }, 2000, caller, tag);
    await until(() => caller.replies.length === 20);
    a.call('b', { kind: 'q' }, 2000, caller, 20);
    await until(() => caller.replies.length === 21);
    expect(asked).toBe(1);
  });

  it('keeps serving others when a peer talks nonsense', async () => {
    const addresses = new Map<string, Address>();
    const echo = new Echo();
    open('b', addresses).serve(echo);
    await until(() => addresses.has('b'));
    const address = addresses.get('b');
    if (address === undefined) throw new Error('not listening');
    const nonsense = [
      Buffer.from('GET / HTTP/1.1\r\nHost: here\r\n\r\n'),
      // Talks before it says who it is.
      Buffer.concat(encodeFrame({ type: 'request', call: 1, timeoutMs: 10, message: { kind: 'q' } })),
      Buffer.concat(encodeFrame({ type: 'reply', call: 1, message: { kind: 'q' } })),
    ];
    for (const bytes of nonsense) {
      let closed = false;
      const socket = connect(address).on('close', () => {
        closed = true;
      });
      socket.on('error', () => {});
      socket.write(bytes);
      await until(() => closed);
    }
    const caller = new Caller();
    open('a', addresses).call('b', { kind: 'q' }, 2000, caller, 1);
    await until(() => caller.replies.length === 1);
    expect(echo.requests).toBe(1);
  });

  it('says so when its address is taken', async () => {
    const addresses = new Map<string, Address>();
    open('b', addresses).serve(new Echo());
    await until(() => addresses.has('b'));
    const address = addresses.get('b');
    if (address === undefined) throw new Error('not listening');
    const failures: string[] = [];
    open('c', new Map([['c', address]]), failures).serve(new Echo());
    await until(() => failures.length === 1);
    expect(failures[0]).toMatch(/EADDRINUSE/);
  });
});

class Echo {
  requests = 0;

  onRequest(request: Message, exchange: Exchange): void {
    this.requests++;
    exchange.reply(request);
  }

  onMessage(): void {}
}

class Caller {
  readonly replies: number[] = [];
  readonly failures: CallFailure[] = [];

  onReply(tag: number): void {
    this.replies.push(tag);
  }

  onCallFailed(_tag: number, failure: CallFailure): void {
    this.failures.push(failure);
  }
}

async function until(done: () => boolean): Promise<void> {
  for (let i = 0; i < 3000 && !done(); i++) await new Promise((resolve) => setTimeout(resolve, 1));
  expect(done(), 'it did not happen').toBe(true);
}
