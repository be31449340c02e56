import type { RequestContext, ResponseModifier } from './request-context.ts';

/** Passes a request on to the next layer. To be called at most once for a request, now or later, and not after an answer. */
export type Next = (context: RequestContext) => void;

/**
 * One layer of the onion (as in Koa and Express): it may answer a request itself or pass it on, and sees the answer on its
 * way out. One instance a gateway.
 */
export interface Middleware extends ResponseModifier {
  readonly name: string;
  handle(context: RequestContext, next: Next): void;
}

/**
 * Composes layers around `core`, outermost first, once at start-up: a request then costs one call a layer and no closure.
 *
 * The returned function throws if a layer calls `next` twice for one request or after it was answered, naming the layer.
 */
export function compose(layers: readonly Middleware[], core: Next): Next {
  let next = core;
  for (let position = layers.length - 1; position >= 0; position--) {
    const layer = layers[position];
    if (layer === undefined) continue;
    const inner = once(layer.name, position + 1, next);
    const depth = position + 1;
    next = (context) => {
      context.depth = depth;
      layer.handle(context, inner);
    };
  }
  return next;
}

/** Lets a request pass inwards from a layer only while it has not been there yet. */
function once(name: string, expectedDepth: number, next: Next): Next {
  return (context) => {
    if (context.depth !== expectedDepth)
      throw new Error(`middleware '${name}': next() was called twice for one request`);
    if (context.answered) throw new Error(`middleware '${name}': next() was called for a request that was answered`);
    // Entering the next layer, or the core, marks that this layer has passed the request on.
    context.depth = expectedDepth + 1;
    next(context);
  };
}
