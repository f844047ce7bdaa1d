import { createPublicKey, generateKeyPairSync, randomBytes, sign } from "node:crypto";

/** PEM texts. The certificate is its own authority. */
export interface SelfSignedCertificate {
  readonly certificate: string;
  readonly key: string;
}

const lifetimeMs = 7 * 24 * 3_600_000;
const oid = {
  commonName: [0x55, 0x04, 0x03],
  ecdsaWithSha256: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
  subjectAltName: [0x55, 0x1d, 0x11],
  basicConstraints: [0x55, 0x1d, 0x13],
};

/** Makes one for `localhost` and 127.0.0.1, good for a week. Node has no call for it, and openssl may not be there. */
export function createSelfSignedCertificate(): SelfSignedCertificate {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const publicKey = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  const algorithm = sequence(der(0x06, Buffer.from(oid.ecdsaWithSha256)));
  const name = sequence(
    der(0x31, sequence(der(0x06, Buffer.from(oid.commonName)), der(0x0c, Buffer.from("localhost")))),
  );
  const now = Date.now();
  const signed = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))), // version 3
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    name,
    sequence(time(now - 3_600_000), time(now + lifetimeMs)),
    name,
    publicKey,
    der(0xa3, sequence(authority(), hosts())),
  );
  const signature = sign("sha256", signed, privateKey);
  const certificate = sequence(signed, algorithm, der(0x03, Buffer.concat([Buffer.from([0]), signature])));
  return {
    certificate: pem("CERTIFICATE", certificate),
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

/** One value of ASN.1: its tag, its length, its content. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, ...parts);
}

/** `YYYYMMDDhhmmssZ` */
function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, "");
  return der(0x18, Buffer.from(digits));
}

function authority(): Buffer {
  const isAuthority = sequence(der(0x01, Buffer.from([0xff])));
  return sequence(
    der(0x06, Buffer.from(oid.basicConstraints)),
    der(0x01, Buffer.from([0xff])),
    der(0x04, isAuthority),
  );
}

function hosts(): Buffer {
  const names = sequence(der(0x82, Buffer.from("localhost")), der(0x87, Buffer.from([127, 0, 0, 1])));
  return sequence(der(0x06, Buffer.from(oid.subjectAltName)), der(0x04, names));
}

function pem(label: string, content: Buffer): string {
  const lines = content.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
