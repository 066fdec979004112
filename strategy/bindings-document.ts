/**
 * The bindings as their file says them: what ties a strategy's words to one environment.
 *
 * Values may hold references to secrets (`${env:NAME}`, `${file:path}`); nothing here resolves them.
 * Only `validateBindings` makes a `BindingsDocument`.
 */
import type { Maybe } from './document-values.js';
import type { ConfigFormat, MetricUnit, PublicKey, Weekday } from './plan.js';

declare const checked: unique symbol;

/** Bindings that the schema accepts; they cannot be made any other way than by that check. */
export type BindingsDocument = BindingsFields & { readonly [checked]: 'migration-bindings' };

/** Entries by name. A key that starts with `x-` is an entry like any other here. */
export type Named<T> = Maybe<Readonly<Record<string, T>>>;

export interface BindingsFields {
  readonly connections?: Named<ConnectionBinding>;
  /** By sentence, exact or as a Cucumber expression. */
  readonly checks?: Named<ProbeBinding>;
  readonly metrics?: Named<MetricBinding>;
  /** By the id of a test dataset. */
  readonly datasets?: Named<ProbeBinding>;
  /** By the name the strategy uses. */
  readonly roles?: Named<RoleMembers>;
  /** By name: who is in a group. A role lists it among its members as `group:NAME`. */
  readonly groups?: Named<readonly string[]>;
  /** Who stands in for whom, until when. */
  readonly delegations?: Maybe<readonly DelegationBinding[]>;
  /** By role: when it is reminded of a decision, and who is asked when it does not answer. */
  readonly escalation?: Named<EscalationBinding>;
  /** Who may command a run, by the names of roles; by default, every holder of a role of the strategy. */
  readonly authority?: Maybe<AuthorityBinding>;
  readonly channels?: Named<ChannelBinding>;
  /** By a sentence of the constraints; a text is read as one of the strategy is. */
  readonly windows?: Named<WindowBinding | string>;
  /** Likewise. */
  readonly freezes?: Named<FreezeBinding | string>;
  /** What commands see, on top of a short allow-list. */
  readonly environment?: Named<string>;
  /** Who submitted the run may not approve it. */
  readonly forbidSelfApproval?: Maybe<boolean>;
  /** How it is known who votes; by default, names count as claimed. */
  readonly identity?: Maybe<IdentityBinding>;
  readonly watch?: Maybe<WatchBinding>;
  /** Where the record is kept besides the host that wrote it. */
  readonly archive?: Maybe<ArchiveBinding>;
  /** What the run locks instead of the systems that the strategy affects; none when empty. */
  readonly locks?: Maybe<readonly string[]>;
  /** By the id of a configuration change: where its setting is. */
  readonly items?: Named<ItemTarget>;
  /** By name: where a feature flag is read and set. */
  readonly flags?: Named<FlagBinding>;
  /** By the name of an artifact, up to its version: how it is deployed and removed. */
  readonly services?: Named<ServiceBinding>;
  /** By the name of a route: how its requests are divided between the stable and the new version. */
  readonly traffic?: Named<TrafficBinding>;
  /** By the id of an external integration: how it moves by degrees, and how its parallel run is compared. */
  readonly integrations?: Named<IntegrationBinding>;
  /** Where `sluice rehearse` carries out its trials, and what must be the same after them. */
  readonly rehearsal?: Maybe<RehearsalBinding>;
}

export interface ConnectionBinding {
  readonly postgres: string;
}

/** What evaluates a sentence: exactly one of these. */
export type ProbeBinding = (CommandBinding | ScriptBinding | SqlBinding | HttpBinding) & {
  /** What the probe must come to for the sentence to hold; `pass` when left out. */
  readonly expect?: Maybe<'pass' | 'fail'>;
};

export interface CommandBinding {
  readonly command: string;
}

export interface ScriptBinding {
  /** A path relative to the workspace. */
  readonly script: string;
}

export interface SqlBinding {
  readonly sql: string;
  /** May be left out when there is exactly one connection. */
  readonly connection?: Maybe<string>;
}

export interface HttpBinding {
  /** Such as "GET http://localhost:8080/health -> 200". */
  readonly http: string;
}

/** Where a metric comes from: exactly one of these. */
export type MetricBinding = {
  readonly unit?: Maybe<MetricUnit>;
  /** The time over which its query averages, such as "10 minutes". */
  readonly window?: Maybe<string>;
} & (
  | { readonly prometheus: { readonly url: string; readonly query: string } }
  | CommandBinding
  | SqlBinding
  | { readonly http: string /** JSON pointer into the answer. */; readonly pointer: string }
);

export interface RoleMembers {
  readonly members: readonly string[];
  /** How many members must vote; 1 when left out. */
  readonly votes?: Maybe<number>;
  /** Channels that hear of every decision that asks this role. */
  readonly channels?: Maybe<readonly string[]>;
}

export interface DelegationBinding {
  /** Whose votes are given. */
  readonly from: string;
  /** Who gives them. */
  readonly to: string;
  /** A date or time of ISO 8601; the start of a day, month or year. */
  readonly since?: Maybe<string>;
  /** A date or time of ISO 8601; the end of a day, month or year. */
  readonly until: string;
  /** Left out: all that `from` holds. */
  readonly roles?: Maybe<readonly string[]>;
}

export interface EscalationBinding {
  /** The time between two reminders, such as "1 hour". */
  readonly remind?: Maybe<string>;
  /** How long the role has to answer, such as "4 hours". */
  readonly after?: Maybe<string>;
  /** The role that is asked then. */
  readonly to?: Maybe<string>;
}

export interface IdentityBinding {
  readonly mode: 'trusted' | 'signed';
  /** The name that signed votes must be made for. */
  readonly installation?: Maybe<string>;
  /** By identity; several while a key is replaced. */
  readonly keys?: Named<readonly PublicKey[]>;
}

/** Exactly one of these. */
export type ArchiveBinding = { readonly folder: string } | { readonly s3: S3Binding };

export interface S3Binding {
  readonly bucket: string;
  /** Put before the name of every object. */
  readonly prefix?: Maybe<string>;
  readonly region?: Maybe<string>;
  /** The URL of a store that is not Amazon's. */
  readonly endpoint?: Maybe<string>;
  /** Both or neither; neither: as the AWS SDK finds credentials. */
  readonly access_key_id?: Maybe<string>;
  readonly secret_access_key?: Maybe<string>;
}

export interface AuthorityBinding {
  readonly rollback?: Maybe<readonly string[]>;
  readonly abort?: Maybe<readonly string[]>;
  /** Also to resume. */
  readonly pause?: Maybe<readonly string[]>;
  /** Override a window or freeze. */
  readonly override?: Maybe<readonly string[]>;
}

/** Exactly one of these. */
export type ChannelBinding = {
  /** The most notices in a minute; 30 when left out. */
  readonly per_minute?: Maybe<number>;
} & (
  | { readonly slack: string }
  | { readonly webhook: string; readonly secret?: Maybe<string> }
  | { readonly email: { readonly smtp: string; readonly from: string; readonly to: readonly string[] } }
  | { readonly pagerduty: { readonly routing_key: string; readonly url?: Maybe<string> } }
);

export interface WindowBinding {
  readonly days: readonly Weekday[];
  /** "HH:MM". */
  readonly from: string;
  /** "HH:MM", exclusive; may be "24:00". */
  readonly to: string;
  /** An IANA time zone. */
  readonly zone: string;
}

export interface FreezeBinding {
  /** "YYYY-MM-DD"; both days are included. */
  readonly from: string;
  readonly to: string;
  /** An IANA time zone; UTC when left out. */
  readonly zone?: Maybe<string>;
}

export type ItemTarget = (ConfigFileTarget | EnvironmentFileTarget | DatabaseSettingTarget | FlagTarget) & {
  /** A line for the shell, for what must be restarted. */
  readonly restart?: Maybe<string>;
  /** A sentence that must hold after the change and after its undo, such as "http: GET http://shop/health -> 200". */
  readonly health?: Maybe<string>;
};

export interface ConfigFileTarget {
  /** Relative to the workspace, or absolute. */
  readonly file: string;
  /** Names with dots between them. */
  readonly path: string;
  /** Where the setting was until now, when the item moves it. */
  readonly from?: Maybe<string>;
  /** Left out, the name of the file says it. */
  readonly format?: Maybe<ConfigFormat>;
}

export interface EnvironmentFileTarget {
  readonly env: string;
  /** The variable. */
  readonly name: string;
}

export interface DatabaseSettingTarget {
  /** A connection of the bindings. */
  readonly database: string;
  readonly setting: string;
  readonly role?: Maybe<string>;
  /** Left out: of the role, if one is named, else of the database. */
  readonly scope?: Maybe<'system' | 'database' | 'role'>;
}

export interface FlagTarget {
  /** A name under `flags`. */
  readonly flag: string;
}

/** Exactly one of these. */
export type FlagBinding =
  /** A file of flagd. */
  | { readonly file: string }
  | {
      readonly http: {
        readonly url: string;
        /** Where in the document the value is, as in RFC 6901. */
        readonly pointer: string;
        readonly method?: Maybe<'PATCH' | 'PUT'>;
        readonly headers?: Named<string>;
      };
    }
  /** `get` prints the value, `set` gets it as "$1". */
  | { readonly command: { readonly get: string; readonly set: string } };

export interface ServiceBinding {
  /** A line for the shell that ends when the new version can take requests. */
  readonly deploy: string;
  /** A line for the shell that takes the new version away; harmless when there is none. */
  readonly remove?: Maybe<string>;
  /** Sentences that must hold before and after every switch, such as "http: GET http://cart/health -> 200". */
  readonly health?: Maybe<string>;
  readonly smoke?: Maybe<string>;
  /** The route whose traffic is switched to it; left out, the one of the same name. */
  readonly traffic?: Maybe<string>;
  /** A line for the shell that prints the installed version; compared before and after. */
  readonly version?: Maybe<string>;
  /** What each of them is called; the lines and sentences above then name one as `{instance}`. */
  readonly instances?: Maybe<readonly string[]>;
  /** How many instances a rolling deployment replaces at a time; left out, a fifth of them, at least 1 and at most 2. */
  readonly batch?: Maybe<number>;
}

export interface IntegrationBinding {
  /** The route that divides its requests between the old and the new side. */
  readonly traffic?: Maybe<string>;
  /** The stages, such as "10% for 1h, 50% for 1h, 100%"; left out, all at once. */
  readonly rollout?: Maybe<string>;
  /** A sentence over a metric that must hold during the parallel run, such as "mismatches < 0.1%". */
  readonly mismatch?: Maybe<string>;
  /** A metric: how many answers were compared. */
  readonly comparisons?: Maybe<string>;
  /** There is no verdict on fewer comparisons; 1 when left out. */
  readonly minimum?: Maybe<number>;
  /** How long both sides run in parallel; left out, 24 hours. */
  readonly during?: Maybe<string>;
}

/** Exactly one of the ways, and what is watched while the traffic is divided. */
export type TrafficBinding = (
  | { readonly nginx: ProxyBinding & { readonly upstream: string } }
  | { readonly haproxy: ProxyBinding & { readonly backend: string } }
  | { readonly command: { readonly set: string; readonly get: string } }
  | { readonly http: { readonly url: string; readonly pointer: string } }
  /** A name under `flags`. */
  | { readonly flag: string }
) & {
  /** A metric: the share of the requests that reaches the new version. It may be off by 5 points. */
  readonly share?: Maybe<string>;
  readonly analysis?: Maybe<AnalysisBinding>;
};

export interface ProxyBinding {
  /** Relative to the workspace, or absolute. */
  readonly file: string;
  /** Servers: their addresses in nginx, their names in HAProxy. */
  readonly stable: readonly string[];
  readonly candidate: readonly string[];
  /** Lines for the shell. */
  readonly test: string;
  readonly reload: string;
}

export interface AnalysisBinding {
  /** A metric: the requests that the new version got. */
  readonly requests?: Maybe<string>;
  /** There is no verdict on fewer requests; 1 when left out. */
  readonly minimum?: Maybe<number>;
  /** Sentences that must not hold, such as "canary_errors > 2%". */
  readonly limits?: Maybe<readonly string[]>;
  /** By a metric of the new version: at most so many times the same of the stable one. */
  readonly ratios?: Named<{ readonly stable: string; readonly most: number }>;
}

export interface WatchBinding {
  /** The time between two samples, such as "10s". */
  readonly interval?: Maybe<string>;
  /** How many failing samples in a row make a verdict. */
  readonly failureLimit?: Maybe<number>;
  /** How many samples in a row may break before a person is asked; without one, only the end of the step asks. */
  readonly errorLimit?: Maybe<number>;
  /** The same for samples without data, those that broke among them. */
  readonly noDataLimit?: Maybe<number>;
}

export interface RehearsalBinding {
  /** Makes a copy of the environment; `NAME=VALUE` lines that it prints replace variables. */
  readonly setup?: Maybe<CommandBinding>;
  readonly teardown?: Maybe<CommandBinding>;
  readonly fingerprint?: Maybe<readonly FingerprintBinding[]>;
  /** RE2 expressions. */
  readonly mask?: Maybe<readonly string[]>;
}

/** A part of the state: exactly one of these. */
export type FingerprintBinding =
  | { readonly files: readonly string[] }
  | CommandBinding
  | SqlBinding
  | { readonly http: string /** Such as "GET http://localhost:8080/cart/1". */ };
