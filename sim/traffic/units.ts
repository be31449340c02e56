import bytes from 'bytes';
import ms from 'ms';
import { z } from 'zod';
import { accepted } from './fields.ts';

const durationText = /^\d+(\.\d+)? ?(ms|s|sec|m|min|h|hr|d)$/;
const byteSizeText = /^\d+(\.\d+)? ?(b|kb|mb|gb|tb)$/i;

function isDurationText(value: string): value is ms.StringValue {
  return durationText.test(value);
}

/** Milliseconds of `60s`, `1.5m`, `250ms`, `2h`, `1d`; undefined of any other text. */
export function parseDuration(value: string): number | undefined {
  return isDurationText(value) ? ms(value) : undefined;
}

/** Bytes of `512b`, `64kb`, `1.5mb`, `2gb`, `1tb` (1 kb is 1,024 bytes); undefined of any other text. */
function parseByteSize(value: string): number | undefined {
  return byteSizeText.test(value) ? (bytes.parse(value) ?? undefined) : undefined;
}

function quantity(what: string, parse: (value: string) => number | undefined) {
  const wrong = accepted(what);
  return z.union([z.number(), z.string()], wrong).transform((value, context) => {
    const parsed = typeof value === 'number' ? value : parse(value);
    if (parsed !== undefined && Number.isFinite(parsed) && parsed >= 0) return parsed;
    context.addIssue({ code: 'custom', message: wrong.error({ input: value }), input: value });
    return z.NEVER;
  });
}

/** A span of time: a number of ms, or a text with a unit. Gives ms, 0 or more. */
export const duration = quantity("ms from 0, or a text such as '250ms', '60s', '5m', '2h'", parseDuration);

/** A size: a number of bytes, or a text with a unit. Gives whole bytes, 0 or more. */
export const byteSize = quantity("bytes from 0, or a text such as '512b', '64kb', '4mb', '1gb'", (value) => {
  const parsed = parseByteSize(value);
  return parsed === undefined ? undefined : Math.round(parsed);
});
