import { PassThrough, Readable } from "node:stream";
import { ZipFile } from "yazl";
import type { ArchiveFile } from "./archive-ports";
import { parseFilePath } from "./file-path";
import { UtcDate } from "./utc-date";

/** Bytes of a zip that are written, read and held at once. */
export const ARCHIVE_PART_BYTES = 256 * 1024;

export interface PackOptions {
  /** Everything lies in one folder of this name. */
  readonly folder: string;
  /** The time of every file in it. */
  readonly modifiedAt: Date;
  /** In the order in which they are packed. */
  readonly files: readonly ArchiveFile[];
  readonly read: (file: ArchiveFile) => AsyncIterable<string>;
}

/**
 * A zip in parts of 256 KB (the last one is what is left). The same files make the same bytes, whichever process
 * packs them. Nothing is read ahead of what is taken, beyond what the streams between hold.
 *
 * @throws {InvalidFilePath}
 * @throws {Error} a file's text isn't as long as it says, or what reading it throws
 */
export async function* packFiles(options: PackOptions): AsyncGenerator<Buffer, void, undefined> {
  const zip = openZip(options);
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  for await (const chunk of zip) {
    waiting.push(chunk as Buffer);
    waitingBytes += (chunk as Buffer).length;
    if (waitingBytes < ARCHIVE_PART_BYTES) continue;
    let bytes = Buffer.concat(waiting, waitingBytes);
    for (; bytes.length >= ARCHIVE_PART_BYTES; bytes = bytes.subarray(ARCHIVE_PART_BYTES)) {
      yield bytes.subarray(0, ARCHIVE_PART_BYTES);
    }
    waiting = [bytes];
    waitingBytes = bytes.length;
  }
  if (waitingBytes > 0) yield Buffer.concat(waiting, waitingBytes);
}

function openZip({ folder, modifiedAt, files, read }: PackOptions): Readable {
  const zip = new ZipFile();
  // Not `wrap`: that ends with its source, whatever it still holds.
  const output = zip.outputStream.pipe(new PassThrough());
  const give = (error: unknown) => {
    output.destroy(error instanceof Error ? error : new Error(String(error)));
  };
  zip.on("error", give);
  const shared = { mtime: new UtcDate(modifiedAt), mode: 0o100644, compressionLevel: 6 };
  for (const file of files) {
    const name = `${folder}/${parseFilePath(file.path)}`;
    zip.addReadStreamLazy(name, { ...shared, size: file.bytes }, (take) => {
      // The zip doesn't listen for what goes wrong in what it reads.
      take(null, Readable.from(toBytes(read(file)), { objectMode: false }).on("error", give));
    });
  }
  zip.end();
  return output;
}

async function* toBytes(texts: AsyncIterable<string>): AsyncGenerator<Buffer, void, undefined> {
  for await (const text of texts) {
    if (text !== "") yield Buffer.from(text);
  }
}
