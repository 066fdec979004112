/** What changes the world, one type per kind of effect. */
import type { Requirement, ScriptFile, WatchCondition } from './probes.js';
import type { CorrectionLimits, ReconcileTask, Reconciliation, Resolution } from './reconciliation.js';
import type { ColumnRule, TableName } from './tables.js';

/** One thing that changes the world. */
export type Action =
  | CommandAction
  | SqlAction
  | ConfigFileAction
  | SettingAction
  | TrafficAction
  | ObserveAction
  | RowsAction
  | MirrorAction
  | ReconcileAction
  | StreamAction
  | SyncAction
  | BackupAction
  | ManualAction;

/** What runs as a process: a line for the shell, or a program of the workspace. */
export type CommandAction =
  | { readonly kind: 'command'; readonly text: string }
  | ({ readonly kind: 'script' } & ScriptFile);

/** Statements that commit together with their journal row, or a script of them read when it runs. */
export type SqlAction =
  | { readonly kind: 'sql'; readonly statements: readonly string[]; readonly connection: string }
  | ({ readonly kind: 'sql-script'; readonly connection: string } & ScriptFile);

/** `flagd`: a file of feature flags as https://flagd.dev defines it, in which the path is the name of a flag. */
export type ConfigFormat = 'env' | 'flagd' | 'ini' | 'json' | 'properties' | 'toml' | 'yaml';

/** One setting in a configuration file, or the way back to what the file was before the item changed it. */
export interface ConfigFileAction {
  readonly kind: 'config-file';
  /** The id of the item; `restore` finds by it what the step saved. */
  readonly item: string;
  /** Relative to the workspace, or absolute. */
  readonly file: string;
  readonly format: ConfigFormat;
  readonly path: readonly string[];
  readonly change: ConfigChange;
}

/**
 * Values are texts as the strategy writes them, with secrets as references. `expected` is what must be found before the
 * change; null when nothing may be there.
 */
export type ConfigChange =
  | { readonly do: 'set'; readonly value: string; readonly expected: string | null }
  | { readonly do: 'remove'; readonly expected: string | null }
  | { readonly do: 'move'; readonly from: readonly string[]; readonly expected: string | null }
  | { readonly do: 'restore' };

/** One setting that is not in a file, or the way back to what it was before the item changed it. */
export interface SettingAction {
  readonly kind: 'setting';
  /** The id of the item; `restore` finds by it what the step saved. */
  readonly item: string;
  readonly target: SettingTarget;
  readonly change: Exclude<ConfigChange, { readonly do: 'move' }>;
}

export type SettingTarget = DatabaseSetting | HttpFlag | CommandFlag;

/** A setting of Postgres. With a role, `database` means the role in the database of the connection. */
export interface DatabaseSetting {
  readonly store: 'database';
  readonly connection: string;
  readonly setting: string;
  readonly scope: 'system' | 'database' | 'role';
  readonly role: string | null;
}

/** A flag that is a member of a JSON document behind an HTTP API. Header values are usually references to secrets. */
export interface HttpFlag {
  readonly store: 'http';
  readonly flag: string;
  readonly url: string;
  readonly pointer: string;
  /** PATCH sends a merge patch (RFC 7396), PUT the whole document. */
  readonly method: 'PATCH' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
}

/** A flag that a line for the shell prints, and another one sets to its "$1". */
export interface CommandFlag {
  readonly store: 'command';
  readonly flag: string;
  readonly get: string;
  readonly set: string;
}

/** A share of the requests of one route goes to the new version, or the route is set as it was before the step changed it. */
export interface TrafficAction {
  readonly kind: 'traffic';
  /** Its name in the bindings; `restore` finds by it what the step saved. */
  readonly route: string;
  readonly source: TrafficSource;
  readonly change: { readonly do: 'shift'; readonly percent: number } | { readonly do: 'restore' };
}

/** What divides the requests between the stable and the new version. Addresses and names as its configuration writes them. */
export type TrafficSource =
  | ProxySource
  /** `set` gets the percentage as "$1"; `get` prints it. */
  | { readonly kind: 'command'; readonly set: string; readonly get: string }
  /** A JSON document that holds the percentage at the pointer: read with GET, replaced with PUT. */
  | { readonly kind: 'http'; readonly url: string; readonly pointer: string }
  /** A flag in a file of flagd. */
  | { readonly kind: 'flagd'; readonly file: string; readonly flag: string }
  /** A flag behind an API or commands, whose value is a percentage. */
  | { readonly kind: 'flag'; readonly target: HttpFlag | CommandFlag };

/** A proxy whose configuration file holds the weights. */
export interface ProxySource {
  readonly kind: 'nginx' | 'haproxy';
  /** Relative to the workspace, or absolute. */
  readonly file: string;
  /** The name of its `upstream` or `backend`. */
  readonly pool: string;
  readonly stable: readonly string[];
  readonly candidate: readonly string[];
  /** Commands: whether the configuration is valid, and how the proxy takes it over. */
  readonly test: string;
  readonly reload: string;
}

/** What must hold before the next action: evaluated, then watched for a while. */
export interface ObserveAction {
  readonly kind: 'observe';
  /** What is observed, such as "cart at 5%". */
  readonly what: string;
  /** Evaluated at the beginning, and again at the end. */
  readonly requirements: readonly Requirement[];
  /** Evaluated at the end, when there was time to see something. */
  readonly afterwards: readonly Requirement[];
  /** What must stay quiet meanwhile. */
  readonly conditions: readonly WatchCondition[];
  /** Milliseconds; 0 evaluates once and watches nothing. */
  readonly soakMs: number;
}

/** Rows of one table that a data migration copies or changes in batches; or the way back. */
export interface RowsAction {
  readonly kind: 'rows';
  /** The id of the item; with the name of the table, the way back finds by it what the step saved. */
  readonly item: string;
  readonly connection: string;
  /** The connection of the target, for a copy to another one. How far it is, is kept there. */
  readonly to?: string;
  readonly source: TableName;
  readonly change: RowsChange;
  /** Columns and their new values, as SQL over the columns of the source. */
  readonly set: readonly ColumnRule[];
  /** Columns of the source that the copy leaves out on purpose. */
  readonly omit: readonly string[];
  /** An SQL condition that chooses rows; null for all. */
  readonly where: string | null;
  /** `apply`: the change itself. `undo`: the rows as they were before it. */
  readonly direction: 'apply' | 'undo';
  /** Rows in the first batch; null leaves it to the worker. */
  readonly batchSize: number | null;
  /** Rows per second at most; null for as fast as it goes. */
  readonly ratePerSecond: number | null;
  /** What holds the next batch back; left out for nothing. */
  readonly throttle?: Throttle;
  /** How many connections change disjoint ranges of the key at once; left out for one. */
  readonly workers?: number;
  /** A program that gets each row and answers what it becomes; left out where SQL says all. */
  readonly program?: ScriptFile;
}

/** Holds a change of rows back while the database that is written has enough to do. It holds no undo back. */
export interface Throttle {
  /** Bytes of WAL that a connected replica may have yet to replay; null for any number. */
  readonly replicaLagBytes: number | null;
  /** A query that is true while the database is busy; null without. */
  readonly busy: string | null;
}

/**
 * `copy`: into a table that is empty. `update`, `delete`: in place. `archive`: into another table, out of this one. `fill`: in
 * place, of columns that were empty, so that nothing has to be saved. `join`: into a table that triggers keep in step meanwhile.
 * `deliver`: the rows that a `delete` of the same table has saved, into a table of another connection.
 */
export type RowsChange =
  | { readonly do: 'copy' | 'archive' | 'join'; readonly target: TableName }
  /** `check`: only whether it can be done, before anything is deleted. */
  | { readonly do: 'deliver'; readonly target: TableName; readonly check?: true }
  | { readonly do: 'update' | 'delete' | 'fill' };

/** Triggers that keep two tables of one database in step while clients write. */
export interface MirrorAction {
  readonly kind: 'mirror';
  /** The id of the item; with the name of the table, the run finds its triggers by it. */
  readonly item: string;
  readonly connection: string;
  readonly source: TableName;
  readonly target: TableName;
  /** `dual_write`: both ways, and a write succeeds on both sides or on none. `shadow_write`: to the target only, which fails no write. */
  readonly method: 'dual_write' | 'shadow_write';
  /** Columns of the target and their values, as SQL over the source. */
  readonly set: readonly ColumnRule[];
  /** Columns of the source and their values, as SQL over the target. */
  readonly back: readonly ColumnRule[];
  /** Columns of the source that the target leaves out on purpose. */
  readonly omit: readonly string[];
  /** An SQL condition over the source that chooses rows; null for all. */
  readonly where: string | null;
  /** `settle`: writes again what the target refused. `finish`: ends it for good. `undo`: as it was before `start`. */
  readonly do: 'start' | 'settle' | 'finish' | 'undo';
}

/** Both sides of a data migration compared, and the target corrected as far as the strategy allows; or the way back. */
export interface ReconcileAction extends CorrectionLimits {
  readonly kind: 'reconcile';
  readonly reconciliation: Reconciliation;
  readonly task: ReconcileTask;
}

/** Tables of one database that native logical replication copies to another one and keeps in step; or a later part of that. */
export interface StreamAction {
  readonly kind: 'stream';
  /** The id of the item: all parts of its stream find each other by it. */
  readonly item: string;
  /** The connections of both sides. How far it is, is kept on `to`. */
  readonly connection: string;
  readonly to: string;
  /** Both sides have the same names. */
  readonly tables: readonly TableName[];
  /** Columns of the target and their values, as SQL over the row that arrives there. */
  readonly set: readonly ColumnRule[];
  /** Columns of both sides that clients of the target do not write any more, as SQL over its row: they are sent back. */
  readonly back: readonly ColumnRule[];
  /** Columns of the source that the target does not have. */
  readonly omit: readonly string[];
  /** `start`: until both are in step. `cut-over`: the target takes the writes. `finish`: nothing is kept in step any more. */
  readonly part: 'start' | 'cut-over' | 'finish';
  /** `undo`: of the start, everything is removed; of the cut-over, the source takes the writes again. */
  readonly direction: 'apply' | 'undo';
  /** How both sides are compared while nobody writes; null for the parts that compare nothing. */
  readonly compare: Reconciliation | null;
  /** Milliseconds the target may be behind and still count as in step. */
  readonly maxLagMs: number;
  /** Bytes of WAL that a replication slot may hold back before the step fails. */
  readonly maxWalBytes: number;
  /** The worker carries the changes, also where the servers could do without it. */
  readonly relay?: true;
}

/** Rounds that bring what changed in a table to another one, in the same database or not. */
export interface SyncAction {
  readonly kind: 'sync';
  /** The id of the item; with the name of the table, the run finds by it what it keeps in the databases. */
  readonly item: string;
  /** Of the source. */
  readonly connection: string;
  /** Of the target. */
  readonly to: string;
  readonly source: TableName;
  readonly target: TableName;
  readonly set: readonly ColumnRule[];
  /** Columns of the source and their values, as SQL over the target: for what clients write there. */
  readonly back: readonly ColumnRule[];
  readonly omit: readonly string[];
  readonly where: string | null;
  readonly detect: SyncDetection;
  /** What decides when both sides have changed a row; null where no client writes to the target before the cut-over. */
  readonly conflicts: 'source_wins' | 'target_wins' | 'manual' | null;
  /** What clients write after the cut-over is kept for the way back. */
  readonly returns: boolean;
  /** Milliseconds between two rounds once both sides are in step. */
  readonly intervalMs: number;
  /** Rows per transaction. */
  readonly batchSize: number;
  /** Milliseconds that the target may be behind to be in step. */
  readonly maxLagMs: number;
  /** Milliseconds for which the rounds go on at least. */
  readonly periodMs: number;
  /** `last`: until nothing is left, then the target takes over. `back`: the source takes over again, with what was written meanwhile. */
  readonly do: 'start' | 'rounds' | 'last' | 'back' | 'finish' | 'undo';
  /** The role that decides about conflicts, null for who is responsible for the step; absent where no person is asked. */
  readonly reviewer?: string | null;
  /** Both sides are compared every 15 minutes, and at the end: a row that no change explains fails the rounds. */
  readonly compares?: boolean;
  /** While a person decides, the rounds go on without end. */
  readonly reviewing?: boolean;
  /** From when the period counts (ISO 8601), where the rounds have begun before. */
  readonly since?: string;
  /** What a person has decided about a batch of conflicts. */
  readonly answer?: ConflictAnswer;
}

export interface ConflictAnswer extends Resolution {
  /** The id of the batch in `sluice.conflicts`. */
  readonly batch: string;
}

/** `tracking`: a table that triggers write. `timestamp`: a column that says when a row changed. `hash`: checksums of both sides. */
export type SyncDetection =
  | { readonly by: 'tracking' | 'hash' }
  | { readonly by: 'timestamp'; readonly column: string };

/** The rows of tables as they are before an item changes them, kept in their own database; or the way back to them. */
export interface BackupAction {
  readonly kind: 'backup';
  /** The id of the item; with the name of the connection, the way back finds the backup by it. */
  readonly item: string;
  readonly connection: string;
  readonly tables: readonly TableName[];
  /** The sources of the copies and changes in batches that the item makes here: none of them goes on after the restore. */
  readonly transfers: readonly TableName[];
  readonly task: BackupTask;
}

/**
 * `make`: before the item. `mark`: notes how the item left the rows, so that later writes can be told from its own. `restore`: puts
 * the rows back. `approved`: the state of the tables, which a person has agreed to lose; null when nobody was asked yet.
 */
export type BackupTask =
  | { readonly do: 'make' | 'mark' }
  | { readonly do: 'restore'; readonly approved: string | null };

/** What only a person can do. */
export interface ManualAction {
  readonly kind: 'manual';
  readonly items: readonly string[];
}
