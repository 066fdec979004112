/** What every way to divide traffic can do. */

/** A setting is a text that the port itself writes and reads; equal texts divide the traffic alike. */
export interface TrafficPort {
  /** What is set now. @throws Refusal when it cannot be read */
  read(): Promise<string>;
  /** The setting for a percentage of requests to the new version. @throws Refusal when `current` has no place for it */
  settingFor(percent: number, current: string): string | Promise<string>;
  /** Sets it; harmless when it is set already. @throws Refusal that says why it does not take */
  set(setting: string): Promise<void>;
}
