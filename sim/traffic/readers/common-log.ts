import type { RecordedOperation } from '../request.ts';
import { daysSinceEpoch } from '../trace/calendar.ts';
import { BadField, type LineParser, type TraceFormat, type TraceRecord } from '../trace/format.ts';

const line = /^(\S+) \S+ .*?\[([^\]]*)\] "(.*)" (\d{3}) (\d+|-)(?: ".*" ".*")?\s*$/;
const time = /^(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}):(\d{2}):(\d{2}) ([+-])(\d{2})(\d{2})$/;
const request = /^([A-Z]+) (.+?)(?: HTTP\/\d(?:\.\d)?)?$/;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const methods: ReadonlyMap<string, RecordedOperation> = new Map([
  ['GET', 'get'],
  ['HEAD', 'head'],
  ['PUT', 'put'],
  ['POST', 'put'],
  ['DELETE', 'delete'],
]);

/**
 * Common Log Format of web servers, and Combined, which adds referrer and agent.
 *
 * GET → get, HEAD → head, PUT and POST → put, DELETE → delete; a GET answered 304 → head, since the
 * server looked and sent no body. Any other method, and a request line that is garbage, is no request for
 * an object and is left out. The size is that of an answer 200; 404 and 410 say that there is no such
 * object. The key is the URL as it stands, with its query. Seconds are the grid: records of one second are
 * spread over it.
 */
export const commonLog: TraceFormat = {
  name: 'common-log',
  title: 'Common or Combined Log Format',
  gridMs: 1000,
  hasEpoch: true,
  unknownSizeBytes: 4096,
  matches: (text) => line.test(text),
  parser: () => new CommonLogParser(),
};

class CommonLogParser implements LineParser {
  /** Most lines share the minute of the line before. */
  #minuteText = '';
  #minuteMs = 0;

  parse(text: string): readonly TraceRecord[] {
    const match = line.exec(text);
    if (!match) throw whatIsWrong(text);
    const [, client = '', stamp = '', asked = '', status = '', bytes = ''] = match;
    const timeMs = this.#timeMs(stamp);
    const [, method = '', key = ''] = request.exec(asked) ?? [];
    const op = methods.get(method);
    if (!op) return [];
    return [
      {
        timeMs,
        op: op === 'get' && status === '304' ? 'head' : op,
        key,
        client,
        ...(status === '200' && op === 'get' && bytes !== '-' ? { sizeBytes: Number(bytes) } : {}),
        missing: status === '404' || status === '410',
      },
    ];
  }

  #timeMs(stamp: string): number {
    const second = stamp.slice(18, 20);
    const minute = stamp.slice(0, 18) + stamp.slice(20);
    if (minute !== this.#minuteText) {
      this.#minuteMs = minuteMs(stamp);
      this.#minuteText = minute;
    }
    if (!(Number(second) <= 60)) throw new BadField('time', stamp, accepted.time);
    return this.#minuteMs + Number(second) * 1000;
  }
}

const accepted = { time: '[01/Aug/1995:02:00:00 -0400]' };

function minuteMs(stamp: string): number {
  const [, day, month = '', year, hour, minute, , sign, zoneHours, zoneMinutes] = time.exec(stamp) ?? [];
  const monthIndex = months.indexOf(month);
  if (monthIndex < 0 || Number(day) < 1 || Number(day) > 31 || Number(hour) > 23 || Number(minute) > 59) {
    throw new BadField('time', stamp, accepted.time);
  }
  const zone = (sign === '-' ? -1 : 1) * (Number(zoneHours) * 60 + Number(zoneMinutes));
  const days = daysSinceEpoch(Number(year), monthIndex + 1, Number(day));
  return ((days * 24 + Number(hour)) * 60 + Number(minute) - zone) * 60_000;
}

/** Finds the first field that doesn't fit, for the message. */
function whatIsWrong(text: string): BadField {
  const host = /^(\S+) \S+ /.exec(text);
  if (!host) return new BadField('host', text, 'host ident user [time] "request" status bytes');
  const stamp = /\[([^\]]*)\]/.exec(text);
  if (!stamp) return new BadField('time', undefined, accepted.time);
  if (!time.test(stamp[1] ?? '')) return new BadField('time', stamp[1], accepted.time);
  const asked = /\] "(.*)"/.exec(text);
  if (!asked) return new BadField('request', text.slice(stamp.index + stamp[0].length).trim(), '"METHOD URL PROTOCOL"');
  const [status, bytes] = text
    .slice(asked.index + asked[0].length)
    .trim()
    .split(' ');
  if (!/^\d{3}$/.test(status ?? '')) return new BadField('status', status || undefined, 'three digits');
  return new BadField('bytes', bytes, "a whole number or '-'");
}
