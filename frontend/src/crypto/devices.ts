/** Devices: a signing key per browser profile, certified by the person (`keys.md`, "Devices"). */

import * as v from "valibot";
import { b64, type Bytes, unb64 } from "./encoding.ts";
import { Id, Name } from "./payloads.ts";
import { BY_PERSON, type Person, statedBy } from "./persons.ts";
import { sign, type Signer, type Statement } from "./statements.ts";

const TYP = "balie-device+jws";
const REVOKED_TYP = "balie-device-revoked+jws";
const DeviceCertificate = v.strictObject({ ...BY_PERSON, device: Id, sign: Name });
const DeviceRevoked = v.strictObject({ ...BY_PERSON, device: Id });

/** A device whose certificate was accepted. `revoked`: it may sign nothing new. */
export interface Device {
  person: string;
  device: string;
  sign: Bytes;
  revoked: boolean;
}

/** Who states it, with which generation of their key, and when. */
export interface Stating {
  person: string;
  generation: number;
  at: number;
  signer: Signer;
}

/** `publicKey` is the device's Ed25519 key. */
export const certifyDevice = (
  { signer, person, generation, at }: Stating,
  device: string,
  publicKey: Bytes,
): Promise<Statement> => sign(TYP, { v: 1, person, generation, at, device, sign: b64(publicKey) }, [signer]);

export const revokeDevice = ({ signer, person, generation, at }: Stating, device: string): Promise<Statement> =>
  sign(REVOKED_TYP, { v: 1, person, generation, at, device }, [signer]);

/** The id of the device that `statement` revokes. */
export const revokedDevice = async (statement: Statement, person: Person): Promise<string> =>
  (await statedBy(person, REVOKED_TYP, DeviceRevoked, statement)).device;

/** The device that `statement` certifies, and whether one of `revocations` is about it. */
export async function acceptDevice(
  statement: Statement,
  person: Person,
  revocations: Statement[] = [],
): Promise<Device> {
  const certificate = await statedBy(person, TYP, DeviceCertificate, statement);
  const revoked = await Promise.all(revocations.map((each) => revokedDevice(each, person)));
  return {
    person: person.person,
    device: certificate.device,
    sign: unb64(certificate.sign),
    revoked: revoked.includes(certificate.device),
  };
}
