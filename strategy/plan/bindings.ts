/** What a plan holds of the bindings: addresses and names, with secrets still as references. */
import type { MetricUnit } from '../sentence/unit.js';

/** Where notices go. Addresses and keys are usually references to secrets. */
export type ChannelSource = {
  /** The most notices in a minute; absent where the bindings do not say. */
  readonly perMinute?: number;
} & (
  | { readonly kind: 'slack'; readonly url: string }
  /** Signed as in Standard Webhooks when there is a secret. */
  | { readonly kind: 'webhook'; readonly url: string; readonly secret: string | null }
  | { readonly kind: 'email'; readonly smtp: string; readonly from: string; readonly to: readonly string[] }
  | { readonly kind: 'pagerduty'; readonly routingKey: string; readonly url: string }
);

/** Where the record is kept besides the host that wrote it. */
export type ArchiveTarget =
  /** Relative to the workspace or absolute. */
  | { readonly kind: 'folder'; readonly folder: string }
  | {
      readonly kind: 's3';
      readonly bucket: string;
      /** Put before the name of every object; may be empty. */
      readonly prefix: string;
      /** Null: as the AWS SDK finds it. */
      readonly region: string | null;
      /** Null: Amazon's. */
      readonly endpoint: string | null;
      /** Null: as the AWS SDK finds them. */
      readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | null;
    };

/** What of the bindings a run needs, with secrets still as references. */
export interface PlannedBindings {
  readonly connections: Readonly<Record<string, ConnectionSource>>;
  readonly metrics: Readonly<Record<string, MetricSource>>;
  readonly roles: Readonly<Record<string, RoleBinding>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly forbidSelfApproval: boolean;
  /** Absent where names count as claimed. */
  readonly identity?: SignedIdentity;
  readonly watch: WatchSettings;
  readonly channels: Readonly<Record<string, ChannelSource>>;
  /** Absent where the record stays on the host. */
  readonly archive?: ArchiveTarget;
}

/** Only signed votes and commands count. */
export interface SignedIdentity {
  /** The audience of every signature: what is signed for another installation does not count here. */
  readonly installation: string;
  /** By identity. */
  readonly keys: Readonly<Record<string, readonly PublicKey[]>>;
}

/** An Ed25519 public key as a JSON Web Key (RFC 8037). */
export interface PublicKey {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  /** 32 bytes in base64url. */
  readonly x: string;
}

export interface ConnectionSource {
  /** A connection URI, usually a reference to a secret. */
  readonly postgres: string;
}

/** `unit`: what its values are; null when the bindings do not say. */
export type MetricSource = { readonly unit: MetricUnit | null } & (
  | { readonly kind: 'prometheus'; readonly url: string; readonly query: string }
  | { readonly kind: 'command'; readonly command: string }
  | { readonly kind: 'sql'; readonly sql: string; readonly connection: string }
  | { readonly kind: 'http'; readonly url: string; readonly pointer: string }
);

export interface RoleBinding {
  readonly members: readonly string[];
  /** How many members must vote. */
  readonly votes: number;
}

export interface WatchSettings {
  /** Milliseconds between two samples. */
  readonly intervalMs: number;
  /** How many failing samples in a row make a verdict. */
  readonly failureLimit: number;
  /** How many samples in a row may break before a person is asked; absent: only the end of the step asks. */
  readonly errorLimit?: number;
  /** The same for samples without data, those that broke among them. */
  readonly noDataLimit?: number;
}
