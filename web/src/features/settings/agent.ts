/** What a browser's User-Agent gives away, as far as a person wants to know. */
export interface Agent {
  /** '' if unknown. */
  readonly browser: string;
  readonly system: string;
  readonly phone: boolean;
}

// In this order: most browsers also name the ones they descend from.
const browsers: readonly (readonly [RegExp, string])[] = [
  [/MicroMessenger/u, 'WeChat'],
  [/Edg(?:e|A|iOS)?\//u, 'Edge'],
  [/OPR\/|Opera/u, 'Opera'],
  [/SamsungBrowser/u, 'Samsung Internet'],
  [/Firefox\/|FxiOS/u, 'Firefox'],
  [/Chrome\/|CriOS/u, 'Chrome'],
  [/Safari\//u, 'Safari'],
  [/curl\//u, 'curl'],
  [/Go-http-client|myna/iu, 'Myna'],
];

const systems: readonly (readonly [RegExp, string])[] = [
  [/iPhone|iPod/u, 'iPhone'],
  [/iPad/u, 'iPad'],
  [/HarmonyOS|OpenHarmony/u, 'HarmonyOS'],
  [/Android/u, 'Android'],
  [/Windows/u, 'Windows'],
  [/CrOS/u, 'ChromeOS'],
  [/Mac OS X|Macintosh/u, 'macOS'],
  [/Linux/u, 'Linux'],
];

export function readAgent(text: string): Agent {
  const find = (list: readonly (readonly [RegExp, string])[]) => list.find(([pattern]) => pattern.test(text))?.[1] ?? '';
  return { browser: find(browsers), system: find(systems), phone: /Mobile|iPhone|Android|iPad/u.test(text) };
}
