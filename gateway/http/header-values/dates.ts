/** A date as pekko-http writes it, from a form of RFC 7231. Undefined for anything else. */
export function renderDate(value: string): string | undefined {
  if (value === '0') return earliest;
  const match = imfDate.exec(value) ?? asctimeDate.exec(value);
  return match?.groups === undefined ? undefined : calendarDate(match.groups);
}

/** Expires. A value that is not a date means the earliest date. */
export function renderExpires(value: string): string | undefined {
  const looksLikeDate = value.startsWith('0') || imfDate.test(value) || asctimeDate.test(value);
  return looksLikeDate ? renderDate(value) : earliest;
}

/** The earliest date that pekko-http knows. */
const earliest = 'Wed, 01 Jan 1800 00:00:00 GMT';

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const time = String.raw`(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)`;
const dayName = '(?<weekday>Sunday|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sun|Mon|Tue|Wed|Thu|Fri|Sat)';
const monthName = `(?<month>${months.join('|')})`;
const imfDate = new RegExp(
  String.raw`^${dayName}, (?<day>\d\d?)[- ]${monthName}[- ](?<year>\d{4}|\d\d) ${time} (?:GMT|UTC)[ \t]*$`,
);
const asctimeDate = new RegExp(
  String.raw`^${dayName} ${monthName} (?<day>\d\d| \d) ${time} (?<year>\d{4}|\d\d)[ \t]*$`,
);

function calendarDate(groups: Readonly<Record<string, string>>): string | undefined {
  const { weekday = '', day = '', month = '', year = '', hour = '', minute = '', second = '' } = groups;
  const parts = [fullYear(year), months.indexOf(month), Number(day), Number(hour), Number(minute), Number(second)];
  const [y = 0, m = 0, d = 0, h = 0, min = 0, s = 0] = parts;
  const date = new Date(Date.UTC(y, m, d, h, min, s));
  const isReal = y >= 1800 && date.getUTCDate() === d && h <= 23 && min <= 59 && s <= 59;
  return isReal && days[date.getUTCDay()] === weekday.slice(0, 3) ? date.toUTCString() : undefined;
}

function fullYear(year: string): number {
  if (year.length === 4) return Number(year);
  return Number(year) <= 69 ? 2000 + Number(year) : 1900 + Number(year);
}
