import type { GatewayReply, GatewayRequest } from '../messages/gateway.ts';
import { ScriptedServer } from './scripted-server.ts';

/** A gateway that says what the test wants. */
export class FakeGateway extends ScriptedServer<GatewayRequest, GatewayReply> {
  protected serve({ kind }: GatewayRequest): GatewayReply {
    throw new Error(`${kind}: this gateway has no script`);
  }
}
