import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';

/** Strokes of the ten digits in a field of 100 × 100, drawn for this project: no data set is involved. */
const strokes = [
  'M52 14 C24 10 16 52 26 76 C36 96 70 92 76 60 C80 34 70 16 50 15',
  'M44 24 L53 13 L48 88',
  'M26 32 C30 8 74 10 70 36 C67 54 40 66 25 84 C40 80 60 82 78 84',
  'M28 20 C48 6 76 18 66 36 C60 46 48 47 42 47 C66 46 80 62 66 80 C54 92 34 88 26 80',
  'M36 14 L26 56 L76 54 M62 16 L58 90',
  'M72 15 L38 16 L32 46 C54 36 76 50 70 70 C64 90 38 90 26 78',
  'M64 12 C40 24 24 56 30 74 C38 94 70 88 70 68 C68 48 40 52 31 68',
  'M22 20 L76 17 C64 38 52 62 46 90',
  'M66 24 C48 6 24 22 38 40 C48 52 72 60 68 76 C62 94 30 92 32 74 C34 58 72 44 66 24',
  'M68 34 C62 10 28 14 30 36 C34 56 64 52 68 32 C70 52 66 74 58 90',
];

interface Sample {
  readonly file: string;
  readonly digit: number;
  readonly width?: number;
  readonly height?: number;
  readonly ink?: string;
  readonly paper?: string;
  /** SVG transform of the strokes, for digits off centre, small, large or slanted. */
  readonly transform?: string;
  readonly thickness?: number;
}

const samples: Sample[] = [
  { file: '0.png', digit: 0 },
  { file: '1.png', digit: 1, ink: 'white', paper: 'black' },
  { file: '2.png', digit: 2, ink: '#1a3fae', paper: '#fff7d6' },
  { file: '3-transparent.png', digit: 3, paper: 'none' },
  {
    file: '4.jpg',
    digit: 4,
    ink: '#402010',
    paper: '#e8e4da',
    width: 320,
    height: 240,
    transform: 'translate(180 90) scale(0.9)',
  },
  { file: '5.bmp', digit: 5, width: 64, height: 64, transform: 'scale(0.64)' },
  { file: '6.gif', digit: 6, ink: '#ffd23f', paper: '#20302c' },
  { file: '7.png', digit: 7, width: 280, height: 280, transform: 'translate(40 30) scale(1.8)' },
  { file: '8-small.png', digit: 8, width: 400, height: 300, transform: 'translate(20 240) scale(0.4)' },
  { file: '9-light.jpg', digit: 9, ink: '#eeeeee', paper: '#336644', width: 200, height: 200, transform: 'scale(2)' },
  { file: '5-white-transparent.png', digit: 5, ink: 'white', paper: 'none' },
];

const folder = import.meta.dirname;
mkdirSync(folder, { recursive: true });
for (const sample of samples) {
  writeFileSync(join(folder, sample.file), await encode(draw(sample), sample.file));
}

function draw({
  digit,
  width = 100,
  height = 100,
  ink = 'black',
  paper = 'white',
  transform = '',
  thickness = 8,
}: Sample): Sharp {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <rect width="100%" height="100%" fill="${paper}"/>
    <path d="${strokes[digit]}" transform="${transform}" fill="none" stroke="${ink}" stroke-width="${thickness}"
      stroke-linecap="round" stroke-linejoin="round"/></svg>`;
  return sharp(Buffer.from(svg));
}

async function encode(image: Sharp, file: string): Promise<Buffer> {
  switch (file.slice(file.lastIndexOf('.') + 1)) {
    case 'jpg':
      return image.jpeg({ quality: 80 }).toBuffer();
    case 'gif':
      return image.gif({ colours: 16 }).toBuffer();
    case 'bmp':
      return encodeBmp(image);
    default:
      return image.png({ compressionLevel: 9 }).toBuffer();
  }
}

/** A bitmap of 24 bits a pixel, bottom line first. */
async function encodeBmp(image: Sharp): Promise<Buffer> {
  const { data, info } = await image.removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const stride = Math.ceil((info.width * 3) / 4) * 4;
  const file = Buffer.alloc(54 + stride * info.height);
  file.write('BM');
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(54, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(info.width, 18);
  file.writeInt32LE(info.height, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  for (let y = 0; y < info.height; y++) {
    for (let x = 0; x < info.width; x++) {
      const from = (y * info.width + x) * 3;
      const to = 54 + (info.height - 1 - y) * stride + x * 3;
      file.set(data.subarray(from, from + 3).toReversed(), to);
    }
  }
  return file;
}
