import { describe, expect, it } from 'vitest';
import type { Exchange, Message } from '../../host.ts';
import type { GatewayReply } from '../messages/gateway.ts';
import { getRequest, testBlock } from '../testdata/rig.ts';
import { compose, type Middleware, type Next } from './middleware.ts';
import { type AnswerObserver, RequestContext } from './request-context.ts';

const OK: GatewayReply = { kind: 'gateway.stored', acked: [], epoch: 1, attempts: 1 };

const nobody: AnswerObserver = { onAnswer: () => {} };

/** An exchange that keeps what was answered. */
class Answers implements Exchange {
  readonly from = 'client-1';
  readonly deadlineMs = 1_000;
  readonly aborted = false;
  readonly replies: Message[] = [];

  onAbort(): void {}

  reply(response: Message): void {
    this.replies.push(response);
  }
}

/** A layer that writes down when it is passed, both ways. */
function layer(
  name: string,
  log: string[],
  handle: Middleware['handle'] = (context, next) => next(context),
): Middleware {
  return {
    name,
    handle(context, next) {
      log.push(`${name} in`);
      handle(context, next);
    },
    modifyResponse(_context, reply) {
      log.push(`${name} out`);
      return reply;
    },
  };
}

function enter(layers: readonly Middleware[], core: Next): Answers {
  const exchange = new Answers();
  compose(layers, core)(new RequestContext(getRequest(testBlock()), exchange, layers, nobody));
  return exchange;
}

describe('middleware', () => {
  it('is passed from the outside in, and by the answer from the inside out', () => {
    const log: string[] = [];
    const exchange = enter([layer('a', log), layer('b', log)], (context) => context.answer(OK));
    expect(log).toEqual(['a in', 'b in', 'b out', 'a out']);
    expect(exchange.replies).toEqual([OK]);
  });

  it('may answer by itself: layers further in see nothing of it', () => {
    const log: string[] = [];
    const refusing = layer('b', log, (context) => context.refuse('overloaded', 0, 0, 5));
    const exchange = enter([layer('a', log), refusing, layer('c', log)], () => log.push('core'));
    expect(log).toEqual(['a in', 'b in', 'b out', 'a out']);
    expect(exchange.replies).toMatchObject([{ error: 'overloaded', retryAfterMs: 5 }]);
  });

  it('may put another answer in the place of one', () => {
    const other: GatewayReply = { ...OK, epoch: 7 };
    const log: string[] = [];
    const modifying: Middleware = { name: 'm', handle: (context, next) => next(context), modifyResponse: () => other };
    expect(enter([layer('a', log), modifying], (context) => context.answer(OK)).replies).toEqual([other]);
  });

  it('may pass a request on later', () => {
    const waiting: (() => void)[] = [];
    const late = layer('late', [], (context, next) => waiting.push(() => next(context)));
    const exchange = enter([late], (context) => context.answer(OK));
    expect(exchange.replies).toEqual([]);
    for (const go of waiting) go();
    expect(exchange.replies).toEqual([OK]);
  });

  it.each([0, 1])('that calls next() twice is named, at depth %i', (position) => {
    const twice = layer('twice', [], (context, next) => {
      next(context);
      next(context);
    });
    const layers = [layer('other', [])];
    layers.splice(position, 0, twice);
    expect(() => enter(layers, () => {})).toThrow("middleware 'twice': next() was called twice for one request");
    expect(() => enter(layers, (context) => context.answer(OK))).toThrow("middleware 'twice'");
  });

  it('that passes on what it has answered is named', () => {
    const both = layer('both', [], (context, next) => {
      context.answer(OK);
      next(context);
    });
    expect(() => enter([both], () => {})).toThrow(
      "middleware 'both': next() was called for a request that was answered",
    );
  });

  it('cannot answer twice', () => {
    expect(() =>
      enter([], (context) => {
        context.answer(OK);
        context.answer(OK);
      }),
    ).toThrow('gateway.get: a request was answered twice');
  });
});
