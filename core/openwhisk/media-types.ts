import { parseMediaType } from '../http/media-type.ts';

/**
 * Whether OpenWhisk's controller treats this Content-Type as binary, which means that it encodes bodies as base64.
 * multipart is always binary; a registered type by its own flag; any other type unless it has a charset.
 * The default Content-Type is application/octet-stream.
 */
export function isBinary(contentType: string | undefined): boolean {
  const media = contentType === undefined ? undefined : parseMediaType(contentType);
  return media === undefined || isBinaryType(media.type, media.subtype, media.charset !== undefined);
}

/** The same for a media type in its parts, in lower case. */
export function isBinaryType(type: string, subtype: string, hasCharset: boolean): boolean {
  if (type === 'multipart') return true;
  const name = `${type}/${subtype}`;
  return !textTypes.has(name) && (binaryTypes.has(name) || !hasCharset);
}

/**
 * Whether the controller parses and renders this type as JSON: application/json, or a value that ends in +json.
 * Other parameters than charset are part of the value (WebActions.scala), so `application/json; v=1` is not JSON.
 */
export function isJsonFamily(contentType: string | undefined): boolean {
  const media = contentType === undefined ? undefined : parseMediaType(contentType);
  if (media === undefined || media.hasOtherParameters) return false;
  return (media.type === 'application' && media.subtype === 'json') || media.subtype.endsWith('+json');
}

/**
 * Whether the controller would decode this text as base64 (Exec.isBinaryCode, also used for JSON replies). It would
 * decode `true`, `null` and `1234`, so such a text must be sent as base64.
 */
export function looksLikeBase64(text: string): boolean {
  const trimmed = text.trim();
  return trimmed.length > 0 && trimmed.length % 4 === 0 && base64Pattern.test(trimmed);
}

const base64Pattern = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * The media types that pekko-http 1.1.0 registers (MediaTypes.scala), and so OpenWhisk's controller. Subtypes are
 * separated by white space.
 */
const registeredText: Readonly<Record<string, string>> = {
  application: `json json-patch+json merge-patch+json problem+json vnd.api+json x-www-form-urlencoded atom+xml base64 javascript rss+xml soap+xml vnd.google-earth.kml+xml x-latex x-vrml xhtml+xml xml-dtd xml problem+xml`,
  text: `event-stream asp cache-manifest calendar css csv html markdown mcf plain richtext tab-separated-values uri-list vnd.wap.wml vnd.wap.wmlscript x-asm x-c x-component x-h x-java-source x-pascal x-script x-scriptcsh x-scriptelisp x-scriptksh x-scriptlisp x-scriptperl x-scriptperl-module x-scriptphyton x-scriptrexx x-scriptscheme x-scriptsh x-scripttcl x-scripttcsh x-scriptzsh x-server-parsed-html x-setext x-sgml x-speech x-uuencode x-vcalendar x-vcard xml`,
};

const registeredBinary: Readonly<Record<string, string>> = {
  application: `cbor excel font-woff gnutar java-archive grpc+proto lha lzx mspowerpoint msword octet-stream pdf postscript vnd.google-earth.kmz vnd.ms-excel vnd.ms-excel.addin.macroEnabled.12 vnd.ms-excel.sheet.binary.macroEnabled.12 vnd.ms-excel.sheet.macroEnabled.12 vnd.ms-excel.template.macroEnabled.12 vnd.ms-fontobject vnd.ms-powerpoint vnd.ms-powerpoint.addin.macroEnabled.12 vnd.ms-powerpoint.presentation.macroEnabled.12 vnd.ms-powerpoint.slideshow.macroEnabled.12 vnd.ms-word.document.macroEnabled.12 vnd.ms-word.template.macroEnabled.12 vnd.oasis.opendocument.chart vnd.oasis.opendocument.database vnd.oasis.opendocument.formula vnd.oasis.opendocument.graphics vnd.oasis.opendocument.image vnd.oasis.opendocument.presentation vnd.oasis.opendocument.spreadsheet vnd.oasis.opendocument.text vnd.oasis.opendocument.text-master vnd.oasis.opendocument.text-web vnd.openxmlformats-officedocument.presentationml.presentation vnd.openxmlformats-officedocument.presentationml.slide vnd.openxmlformats-officedocument.presentationml.slideshow vnd.openxmlformats-officedocument.presentationml.template vnd.openxmlformats-officedocument.spreadsheetml.sheet vnd.openxmlformats-officedocument.spreadsheetml.template vnd.openxmlformats-officedocument.wordprocessingml.document vnd.openxmlformats-officedocument.wordprocessingml.template x-7z-compressed x-ace-compressed x-apple-diskimage x-arc-compressed x-bzip x-bzip2 x-chrome-extension x-compress x-compressed x-debian-package x-dvi x-font-truetype x-font-opentype x-gtar x-gzip x-rar-compressed x-redhat-package-manager x-shockwave-flash x-tar x-tex x-texinfo x-x509-ca-cert x-xpinstall zip`,
  audio: `aiff basic midi mod mpeg ogg voc vorbis voxware wav x-pn-realaudio x-psid xm webm`,
  font: `woff woff2`,
  image: `gif jpeg pict png svg+xml tiff x-icon x-ms-bmp x-pcx x-pict x-quicktime x-rgb x-xbitmap x-xpixmap webp`,
  message: `http delivery-status rfc822`,
  video: `avs-video divx gl mp4 mpeg ogg quicktime x-dv x-flv x-motion-jpeg x-ms-asf x-msvideo x-sgi-movie webm`,
};

const textTypes = typeNames(registeredText);
const binaryTypes = typeNames(registeredBinary);

function typeNames(table: Readonly<Record<string, string>>): ReadonlySet<string> {
  const names = Object.entries(table).flatMap(([type, subtypes]) =>
    subtypes.split(/\s+/).map((subtype) => `${type}/${subtype.toLowerCase()}`),
  );
  return new Set(names);
}
